internal import ReplicationCore
internal import ReplicationEngine

/// The short way for new rows: inserted once, written by nobody since, of a key that nothing else is known of.
///
/// One statement reads them with their outbox rows, and nothing is locked: the version is written only where the very row version
/// that was read still stands. Where it does not, the transaction is done again, by the way that locks first.
extension PostgresTransaction {
  /// Takes those of a pass's writes that are the whole story of a new row, and drops them from the outbox; nil in the place of
  /// each other.
  func takeFresh(_ pass: CapturedPass, _ ledger: LedgerTable) throws -> [CapturedWrite?] {
    var writes = [CapturedWrite?](repeating: nil, count: pass.rows.count)
    var taken: [OutboxRow] = []
    taken.reserveCapacity(pass.rows.count)
    loaded.reserveCapacity(loaded.count + pass.rows.count)
    for (row, fresh) in pass.fresh.enumerated() {
      guard let fresh, !contested.contains(fresh.write.ref) else { continue }
      writes[row] = fresh.write
      loaded[fresh.write.ref] = fresh.row
      // A bundle goes once, for all that it stands for.
      if taken.last?.tid != pass.rows[row].tid { taken.append(pass.rows[row]) }
    }
    try unbundle(rest: pass, writes, ledger, &taken)
    try dropCaptured(taken, ledger)
    return writes
  }

  /// Of bundles what is not the short way's becomes rows of its own, and every bundle of the pass goes.
  private func unbundle(
    rest pass: CapturedPass, _ writes: [CapturedWrite?], _ ledger: LedgerTable,
    _ taken: inout [OutboxRow]
  ) throws {
    var keys: [String] = []
    var bundles: [Int64: OutboxRow] = [:]
    for (row, write) in zip(pass.rows, writes) where row.isBundled && write == nil {
      keys.append(row.key)
      bundles[row.tid] = row
    }
    if keys.isEmpty { return }
    try unbundle(ledger, keys, of: bundles.keys.sorted())
    let known = Set(taken.map(\.tid))
    taken += bundles.values.filter { !known.contains($0.tid) }
  }

  /// Versions of rows that were read without a lock; not waited for. By place, transaction and key: what an operator has rewritten
  /// since keeps its transaction and changes its place.
  func stampFresh(_ plan: SavePlan) throws {
    if plan.freshStamps.isEmpty { return }
    let stamps = plan.freshStamps
    let sent = try connection.send(
      """
      UPDATE \(plan.ledger.table) t SET _v = s.v
      FROM unnest($1::tid[], $2::xid[], $3::bytea[], $4::text[]) s(tid, x, v, k)
      WHERE t.ctid = s.tid AND t.xmin = s.x AND t.\(plan.ledger.keyName) = \(plan.ledger.keyCast("s.k"))
      """,
      [
        .tids(stamps.map(\.tid)), .xids(stamps.map(\.xmin)), .byteStrings(stamps.map(\.version)),
        .texts(stamps.map(\.key)),
      ])
    expected.append(Expected(sent: sent, ledger: plan.ledger, rows: stamps.count, isLocked: false))
  }

  /// Whether every statement found its rows; before the commit.
  ///
  /// Throws `Contention` when a row that was read without a lock was written or moved, `StoreError.damaged` when a locked row is gone.
  func checkExpected() throws {
    try connection.settle()
    for statement in expected where statement.sent.rows?.affected != statement.rows {
      guard statement.isLocked else { throw Contention(refs: []) }
      throw StoreError.damaged(
        table: statement.ledger.table, detail: "a locked row is not where it was")
    }
    expected = []
  }
}

/// A statement under way that has to find a number of rows.
struct Expected {
  let sent: Sent
  let ledger: LedgerTable
  /// How many rows it has to find.
  let rows: Int
  /// Whether they are locked: then one that is not found is damage.
  let isLocked: Bool
}
