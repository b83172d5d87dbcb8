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
    var tids: [Int64] = []
    tids.reserveCapacity(pass.rows.count)
    loaded.reserveCapacity(loaded.count + pass.rows.count)
    for (row, fresh) in pass.fresh.enumerated() {
      guard let fresh, !contested.contains(fresh.write.ref) else { continue }
      writes[row] = fresh.write
      loaded[fresh.write.ref] = fresh.row
      tids.append(pass.rows[row].tid)
    }
    try dropCaptured(tids, ledger)
    return writes
  }

  /// Versions of rows that were read without a lock; not waited for.
  func stampFresh(_ plan: SavePlan) throws {
    if plan.freshStamps.isEmpty { return }
    let stamps = plan.freshStamps
    let sent = try connection.send(
      """
      UPDATE \(plan.ledger.table) t SET _v = s.v
      FROM unnest($1::tid[], $2::xid[], $3::bytea[]) s(tid, x, v)
      WHERE t.ctid = s.tid AND t.xmin = s.x
      """,
      [.tids(stamps.map(\.tid)), .xids(stamps.map(\.xmin)), .byteStrings(stamps.map(\.version))])
    stamping.append(Stamping(sent: sent, ledger: plan.ledger, rows: stamps.count, isLocked: false))
  }

  /// Whether every version found its row; before the commit.
  ///
  /// Throws `Contention` when an application wrote a row that was read without a lock, `StoreError.damaged` when a locked row is gone.
  func checkStamps() throws {
    try connection.settle()
    for statement in stamping where statement.sent.rows?.affected != statement.rows {
      guard statement.isLocked else { throw Contention(refs: []) }
      throw StoreError.damaged(
        table: statement.ledger.table, detail: "a locked row is not where it was")
    }
    stamping = []
  }
}

/// A statement under way that writes versions.
struct Stamping {
  let sent: Sent
  let ledger: LedgerTable
  /// How many rows it has to find.
  let rows: Int
  /// Whether they are locked: then one that is not found is damage.
  let isLocked: Bool
}
