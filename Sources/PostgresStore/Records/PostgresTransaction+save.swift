internal import Governance
package import ReplicationCore

extension PostgresTransaction {
  package func save(_ records: [RecordRef: Record]) throws -> Set<RecordRef> {
    for (id, refs) in Dictionary(grouping: records.keys, by: \.ledger).sorted(by: {
      $0.key < $1.key
    }) {
      let ledger = try ledgers.table(id)
      var plan = SavePlan(ledger: ledger)
      for ref in refs.sorted() {
        guard let record = records[ref] else { continue }
        let row = loaded[ref] ?? LoadedRow()
        try plan.add(ref, record, row)
        noteConflicts(of: ref, before: row.record, after: record, ledger)
        loaded[ref]?.record = record
      }
      try carryOut(plan)
      for ref in refs { loaded[ref] = nil }
    }
    return []
  }

  private func carryOut(_ plan: SavePlan) throws {
    let ledger = plan.ledger
    if plan.staged > 0 {
      try makeStage(ledger)
      // Emptied by the commit; before that only when it is needed again.
      if !usedStages.insert(ledger.stage).inserted {
        _ = try connection.query("DELETE FROM \(ledger.stage)")
      }
      try connection.copyIn(
        "COPY \(ledger.stage) FROM STDIN (FORMAT binary)", plan.copyChunks())
      if plan.inserts > 0 { try insert(plan) }
      if plan.updates > 0 { try update(ledger) }
      if plan.stampsOnly > 0 { try stamp(ledger) }
    }
    if !plan.removals.isEmpty {
      _ = try connection.query(
        """
        DELETE FROM \(ledger.table)
        WHERE \(ledger.keyName) = ANY(($1::text[])::\(ledger.keyType.rawValue)[])
        """, [.texts(plan.removals)])
    }
    if !plan.bodyKeys.isEmpty {
      _ = try connection.query(
        """
        INSERT INTO huijia.record (ledger, key, held, body, seen) SELECT $1, k, h <> 0, b, s
        FROM unnest($2::text[], $3::bigint[], $4::bytea[], $5::bytea[]) u(k, h, b, s)
        ON CONFLICT (ledger, key) DO UPDATE
        SET held = excluded.held, body = excluded.body, seen = excluded.seen
        """,
        [
          .int(Int64(ledger.id.number)), .texts(plan.bodyKeys), .ints(plan.bodyHeld),
          .byteStrings(plan.bodies), .byteStrings(plan.bodySeen),
        ])
    }
    if !plan.bodyRemovals.isEmpty {
      _ = try connection.query(
        "DELETE FROM huijia.record WHERE ledger = $1 AND key = ANY($2::text[])",
        [.int(Int64(ledger.id.number)), .texts(plan.bodyRemovals)])
    }
    if plan.isVisible { changedLedgers.insert(ledger.id) }
  }

  private func makeStage(_ ledger: LedgerTable) throws {
    guard !session.staged.contains(ledger.stage), staged.insert(ledger.stage).inserted else {
      return
    }
    let fields = ledger.columns.map { "\($0.name) \($0.type.stagedType)" }.joined(separator: ", ")
    try connection.execute(
      """
      CREATE TEMP TABLE \(ledger.stage) (_kind smallint, _row bigint, \
      \(ledger.keyName) \(ledger.keyType.rawValue), _v bytea, \(fields)) ON COMMIT DELETE ROWS
      """)
  }

  /// New rows. A key that an application has taken meanwhile is not overwritten: the whole transaction is done again with it
  /// read (committed) or taken as busy (not committed yet).
  private func insert(_ plan: SavePlan) throws {
    let ledger = plan.ledger
    let names = ledger.columns.map(\.name)
    let values = ledger.columns.map { $0.type.isCast ? "\($0.name)::\($0.type.sqlType)" : $0.name }
    let sql = """
      INSERT INTO \(ledger.table) (\(([ledger.keyName, "_v"] + names).joined(separator: ", ")))
      SELECT \(([ledger.keyName, "_v"] + values).joined(separator: ", "))
      FROM \(ledger.stage) WHERE _kind = 0 AND _row >= $1 AND _row < $2
      ON CONFLICT DO NOTHING
      """
    var contended: Set<RecordRef> = []
    try insert(plan.insertedKeys[...], sql, ledger, &contended)
    if !contended.isEmpty { throw Contention(refs: contended) }
  }

  /// Inserts a slice; on a lock that does not come, halves it until the keys that are held are known.
  private func insert(
    _ keys: ArraySlice<String>, _ sql: String, _ ledger: LedgerTable,
    _ contended: inout Set<RecordRef>
  ) throws {
    // Short: while it waits here, applications may be waiting for rows that this transaction holds.
    try connection.execute("SAVEPOINT fresh; SET LOCAL lock_timeout = '50ms'")
    do {
      let rows = try connection.query(
        sql, [.int(Int64(keys.startIndex)), .int(Int64(keys.endIndex))])
      try connection.execute("SET LOCAL lock_timeout = '200ms'; RELEASE SAVEPOINT fresh")
      // Committed meanwhile: read again, it is an ordinary existing row.
      if rows.affected < keys.count { throw Contention(refs: []) }
    } catch let error as PostgresError where error.isContention {
      try connection.execute("ROLLBACK TO SAVEPOINT fresh")
      if keys.count == 1, let key = keys.first {
        contended.insert(RecordRef(ledger.id, key))
        return
      }
      let middle = keys.startIndex + keys.count / 2
      try insert(keys[..<middle], sql, ledger, &contended)
      try insert(keys[middle...], sql, ledger, &contended)
    }
  }

  private func update(_ ledger: LedgerTable) throws {
    let sets = ledger.columns.map {
      $0.type.isCast ? "\($0.name) = s.\($0.name)::\($0.type.sqlType)" : "\($0.name) = s.\($0.name)"
    }
    _ = try connection.query(
      """
      UPDATE \(ledger.table) t SET \((sets + ["_v = s._v"]).joined(separator: ", "))
      FROM \(ledger.stage) s WHERE s._kind = 1 AND t.\(ledger.keyName) = s.\(ledger.keyName)
      """)
  }

  /// Sealed local writes: the values stand there already, only the version is new.
  private func stamp(_ ledger: LedgerTable) throws {
    _ = try connection.query(
      """
      UPDATE \(ledger.table) t SET _v = s._v FROM \(ledger.stage) s
      WHERE s._kind = 2 AND t.\(ledger.keyName) = s.\(ledger.keyName)
      """)
  }
}
