internal import ReplicationCore
internal import ReplicationEngine

/// The short way for new rows: inserted once, written by nobody since, of a key that nothing else is known of.
///
/// One statement reads them with their outbox rows, and nothing is locked: the version is written only where the very row version
/// that was read still stands. Where it does not, the transaction is done again, by the way that locks first.
extension PostgresTransaction {
  /// Joins to the outbox row `o` the row that it made, when that is the whole story: the key has no other unsealed write and no body.
  func freshRow(_ ledger: LedgerTable) -> String {
    """
    LEFT JOIN LATERAL (SELECT t.* , t.ctid, t.xmin FROM \(ledger.table) t
      WHERE t.\(ledger.keyName) = o.key AND t._v IS NULL
        AND (SELECT count(*) FROM \(ledger.outbox) p WHERE p.key = o.key) = 1
        AND NOT EXISTS (SELECT FROM huijia.record r
          WHERE r.ledger = \(ledger.id.number) AND r.key = o.key::text) OFFSET 0) t
      ON o.op = 'I' AND o.old_v IS NULL AND o.seen IS NULL
    """
  }

  /// Takes those of a pass's writes that are the whole story of a new row, and drops them from the outbox; nil in the place of
  /// each other.
  func takeFresh(
    _ pass: [OutboxRow], _ found: Rows, _ ledger: LedgerTable
  ) throws -> [CapturedWrite?] {
    var writes = [CapturedWrite?](repeating: nil, count: pass.count)
    if session.isCautious { return writes }
    var tids: [Int64] = []
    tids.reserveCapacity(pass.count)
    loaded.reserveCapacity(loaded.count + pass.count)
    let first = OutboxRow.columns + 2
    for (row, inserted) in pass.enumerated() {
      guard let tid = found.int(row, OutboxRow.columns) else { continue }
      let ref = RecordRef(ledger.id, inserted.key)
      if contested.contains(ref) { continue }
      let values = ledger.columns.enumerated().map { $1.type.value(found, row, first + $0) }
      writes[row] = CapturedWrite(
        ref: ref, values: ledger.values(values, of: inserted.changed), isDeletion: false,
        isCreation: true, time: inserted.time + clockOffset, actor: inserted.actor)
      var known = LoadedRow()
      known.tid = tid
      known.unlocked = found.int(row, OutboxRow.columns + 1)
      known.values = values
      loaded[ref] = known
      tids.append(inserted.tid)
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

extension LedgerTable {
  /// Place, inserting transaction and values of the row `t`, after the outbox columns.
  var freshColumns: String {
    "t.ctid, t.xmin, " + selectList("t", Array(columns.indices))
  }
}
