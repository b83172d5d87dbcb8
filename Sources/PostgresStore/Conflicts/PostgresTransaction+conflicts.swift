internal import Governance
internal import ReplicationCore
internal import SignedFeed

extension PostgresTransaction {
  /// Takes note of a record's conflicts when saving changes them; they are written when everything that proves them is kept.
  func noteConflicts(of ref: RecordRef, before: Record?, after: Record, _ ledger: LedgerTable) {
    let routing = ledger.homes.map { ledger.columns[$0].field }
    let now = after.conflicts(routing: routing)
    if now.isEmpty, conflicts[ref] == nil {
      guard let before, !before.conflicts(routing: routing).isEmpty else { return }
    }
    conflicts[ref] = now
  }

  /// Writes the noted conflicts in place of what stood there of their records.
  func writeConflicts() throws {
    guard !conflicts.isEmpty else { return }
    let proofs = try conflictProofs()
    let known = try knownAuthors()
    for (ledger, refs) in Dictionary(grouping: conflicts.keys, by: \.ledger) {
      _ = try connection.query(
        "DELETE FROM huijia.conflict_value WHERE ledger = $1 AND key = ANY($2::text[])",
        [.int(Int64(ledger.number)), .texts(refs.map(\.key))])
    }
    let rows = conflicts.keys.sorted().flatMap {
      ConflictRow.rows(of: $0, conflicts[$0] ?? [], proofs)
    }.map { row in
      var row = row
      if row.author == nil { row.author = known[row.dot.description]?.author }
      if row.time == nil { row.time = known[row.dot.description]?.time }
      return row
    }
    if !rows.isEmpty { try insert(rows) }
  }

  /// Who wrote what stands in the inbox now, and when, by dot.
  ///
  /// The proof of a deletion that was answered by putting the record back goes with the feed, because nothing shows it any more;
  /// the entry goes on telling who deleted until somebody decides.
  private func knownAuthors() throws -> [String: (author: String?, time: Int64?)] {
    var known: [String: (author: String?, time: Int64?)] = [:]
    for (ledger, refs) in Dictionary(grouping: conflicts.keys, by: \.ledger) {
      let rows = try connection.query(
        """
        SELECT dot, author, (extract(epoch FROM at) * 1000000)::bigint FROM huijia.conflict_value
        WHERE ledger = $1 AND key = ANY($2::text[])
        """, [.int(Int64(ledger.number)), .texts(refs.map(\.key))])
      for row in 0..<rows.count {
        guard let dot = rows.text(row, 0) else { continue }
        known[dot] = (rows.text(row, 1), rows.int(row, 2))
      }
    }
    return known
  }

  /// The changes that made the values in conflict, and those that met where a record was put back.
  private func conflictProofs() throws -> [Dot: Change] {
    let siblings = conflicts.values.joined().flatMap(\.siblings)
    var proofs = try changes(Set(siblings.map(\.dot)))
    let meetings = siblings.filter(\.isRevival).compactMap { proofs[$0.dot]?.meeting }
    if !meetings.isEmpty {
      let met = Set(meetings.flatMap { [$0.deletion, $0.unseen] })
      proofs.merge(try changes(met)) { known, _ in known }
    }
    return proofs
  }

  private func changes(_ dots: Set<Dot>) throws -> [Dot: Change] {
    var found: [Dot: Change] = [:]
    for batch in try batches(containing: dots) {
      for change in batch.changes where dots.contains(change.dot) { found[change.dot] = change }
    }
    return found
  }

  private func insert(_ rows: [ConflictRow]) throws {
    _ = try connection.query(
      """
      INSERT INTO huijia.conflict_value (ledger, key, field, number, id, kind, value, body, node, tier,
        author, at, rank, dot, why, version)
      SELECT l, k, f, n, i, kd, CASE WHEN has <> 0 THEN v END, b, nd, t, nullif(a, ''),
        CASE WHEN at <> 0 THEN to_timestamp(0) + at * interval '1 microsecond' END, r, d,
        nullif(w, ''), vs
      FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
        $7::bigint[], $8::text[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::bigint[],
        $14::bigint[], $15::text[], $16::text[], $17::text[])
        u(l, k, f, n, i, kd, has, v, b, nd, t, a, at, r, d, w, vs)
      """,
      [
        .ints(rows.map { Int64($0.ref.ledger.number) }), .texts(rows.map(\.ref.key)),
        .ints(rows.map { Int64($0.field.number) }), .ints(rows.map { Int64($0.number) }),
        .texts(rows.map { ConflictName.id($0.ref, $0.field) }), .texts(rows.map(\.kind.rawValue)),
        .ints(rows.map { $0.value.text == nil ? 0 : 1 }), .texts(rows.map { $0.value.text ?? "" }),
        .byteStrings(rows.map { RecordCodec.encode($0.value) }),
        .texts(rows.map { $0.dot.replica.node.description }),
        .texts(rows.map { Tier(of: $0.dot.replica.node).rawValue }),
        .texts(rows.map { $0.author ?? "" }), .ints(rows.map { $0.time ?? 0 }),
        .ints(rows.map { Int64($0.rank) }), .texts(rows.map(\.dot.description)),
        .texts(rows.map { $0.reason?.rawValue ?? "" }), .texts(rows.map(\.version)),
      ])
  }
}
