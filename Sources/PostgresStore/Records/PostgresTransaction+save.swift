internal import Governance
package import ReplicationCore

extension PostgresTransaction {
  package func save(
    _ records: [RecordRef: Record], creations: [Creation]
  ) throws -> Set<RecordRef> {
    let refs = Dictionary(grouping: records.keys, by: \.ledger)
    let made = Dictionary(grouping: creations, by: \.ref.ledger)
    for id in Set(refs.keys).union(made.keys).sorted() {
      let ledger = try ledgers.table(id)
      var plan = SavePlan(ledger: ledger)
      for creation in made[id] ?? [] {
        try plan.add(creation, loaded.removeValue(forKey: creation.ref))
      }
      let refs = refs[id] ?? []
      for ref in refs.sorted() {
        guard let record = records[ref] else { continue }
        let row = loaded[ref] ?? LoadedRow()
        try plan.add(ref, record, row)
        noteConflicts(of: ref, before: row.record, after: record, ledger)
      }
      try carryOut(plan)
      for ref in refs { loaded[ref] = nil }
    }
    return []
  }

  private func carryOut(_ plan: SavePlan) throws {
    let ledger = plan.ledger
    if !plan.updates.isEmpty { try update(plan) }
    if !plan.fresh.isEmpty { try insert(plan) }
    if !plan.stampedRows.isEmpty { try stamp(plan) }
    try stampFresh(plan)
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

  private func fillStage(_ ledger: LedgerTable, _ chunks: [[UInt8]]) throws {
    try makeStage(ledger)
    // Emptied by the commit; before that only when it is needed again.
    if !usedStages.insert(ledger.stage).inserted {
      _ = try connection.query("DELETE FROM \(ledger.stage)")
    }
    try connection.copyIn("COPY \(ledger.stage) FROM STDIN (FORMAT binary)", chunks)
  }

  private func makeStage(_ ledger: LedgerTable) throws {
    guard !session.staged.contains(ledger.stage), staged.insert(ledger.stage).inserted else {
      return
    }
    let fields = ledger.columns.map { "\($0.name) \($0.type.stagedType)" }.joined(separator: ", ")
    try connection.execute(
      """
      CREATE TEMP TABLE \(ledger.stage) (_row bigint, \
      \(ledger.keyName) \(ledger.keyType.rawValue), _v bytea, \(fields)) ON COMMIT DELETE ROWS
      """)
  }

  /// New rows. A key that an application has taken meanwhile is not overwritten: the whole transaction is done again with it
  /// read (committed) or taken as busy (not committed yet).
  private func insert(_ plan: SavePlan) throws {
    let ledger = plan.ledger
    if try copyFresh(plan) { return }
    try fillStage(ledger, try plan.freshChunks(isStaged: true))
    let names = ledger.columns.map(\.name)
    let values = ledger.columns.map { $0.type.isCast ? "\($0.name)::\($0.type.sqlType)" : $0.name }
    let sql = """
      INSERT INTO \(ledger.table) (\(([ledger.keyName, "_v"] + names).joined(separator: ", ")))
      SELECT \(([ledger.keyName, "_v"] + values).joined(separator: ", "))
      FROM \(ledger.stage) WHERE _row >= $1 AND _row < $2
      ON CONFLICT (\(ledger.keyName)) DO NOTHING
      """
    try inSlices(plan.fresh.map(\.ref.key), ledger) { slice in
      let rows = try connection.query(
        sql, [.int(Int64(slice.lowerBound)), .int(Int64(slice.upperBound))])
      // Committed meanwhile: read again, it is an ordinary existing row.
      if rows.affected < slice.count { throw Contention() }
    }
  }

  /// New rows straight into the table, which costs half as much as by way of the stage; false, and nothing happened, when an
  /// application has or holds one of the keys, or when a column needs a cast.
  private func copyFresh(_ plan: SavePlan) throws -> Bool {
    let ledger = plan.ledger
    guard !ledger.columns.contains(where: \.type.isCast) else { return false }
    let names = ([ledger.keyName, "_v"] + ledger.columns.map(\.name)).joined(separator: ", ")
    try connection.execute("SAVEPOINT fresh; SET LOCAL lock_timeout = '50ms'")
    do {
      try connection.copyIn(
        "COPY \(ledger.table) (\(names)) FROM STDIN (FORMAT binary)",
        try plan.freshChunks(isStaged: false))
      try connection.execute("SET LOCAL lock_timeout = '200ms'; RELEASE SAVEPOINT fresh")
      return true
    } catch let error as PostgresError where error.isContention || error.isRowRefusal {
      try connection.execute("ROLLBACK TO SAVEPOINT fresh; RELEASE SAVEPOINT fresh")
      return false
    }
  }

  private func update(_ plan: SavePlan) throws {
    let ledger = plan.ledger
    try fillStage(ledger, plan.updateChunks)
    let sets = ledger.columns.map {
      $0.type.isCast ? "\($0.name) = s.\($0.name)::\($0.type.sqlType)" : "\($0.name) = s.\($0.name)"
    }
    let sql = """
      UPDATE \(ledger.table) t SET \((sets + ["_v = s._v"]).joined(separator: ", "))
      FROM \(ledger.stage) s WHERE t.\(ledger.keyName) = s.\(ledger.keyName)
      AND s._row >= $1 AND s._row < $2
      """
    try inSlices(plan.updates, ledger) { slice in
      _ = try connection.query(
        sql, [.int(Int64(slice.lowerBound)), .int(Int64(slice.upperBound))])
    }
  }

  /// Sealed local writes: the values stand there already, only the version is new. The rows are locked: they lie where they lay.
  ///
  /// Not waited for: the batches are signed meanwhile.
  private func stamp(_ plan: SavePlan) throws {
    let sent = try connection.send(
      """
      UPDATE \(plan.ledger.table) t SET _v = s.v FROM unnest($1::tid[], $2::bytea[]) s(tid, v)
      WHERE t.ctid = s.tid
      """, [.tids(plan.stampedRows), .byteStrings(plan.stamps)])
    expected.append(
      Expected(sent: sent, ledger: plan.ledger, rows: plan.stampedRows.count, isLocked: true))
  }
}
