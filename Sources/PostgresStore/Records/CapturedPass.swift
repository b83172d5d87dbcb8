internal import ReplicationCore
internal import ReplicationEngine

/// Unsealed writes of one ledger, read in one statement, in the order of their transactions' numbers.
///
/// Serial numbers are not commit order, so no cursor runs over them: a pass begins below every transaction that was still
/// open when the last whole pass began, which keeps an empty pass cheap while old versions of sealed rows linger.
struct CapturedPass: Sendable {
  /// Where a write stands in the outbox: below it may still come what was open.
  struct Place: Sendable {
    let xid: Int64
    let id: Int64
  }

  /// A write that is the whole story of a new row, with the row as it was read.
  struct Fresh: Sendable {
    let write: CapturedWrite
    let row: LoadedRow
  }

  let rows: [OutboxRow]
  /// For each of `rows` the new row that it made; nil where it is not the whole story.
  let fresh: [Fresh?]
  /// The place of the last of `rows`; where the pass began when there are none.
  let last: Place
  /// Whether nothing was left when it was read. Never of a pass that was read ahead: more may have come below it.
  let isWhole: Bool
  /// Whether it was read ahead and the ledger was near its end: there may be room for more.
  let isShort: Bool

  /// Reads at most `limit` writes after a place. `isAhead`: while an earlier pass is not committed yet. `isCautious`: new rows are
  /// to be locked, none is read with its write.
  init(
    of ledger: LedgerTable, after place: Place, limit: Int, isAhead: Bool, isCautious: Bool,
    clockOffset: Int64, _ connection: Connection
  ) throws {
    let found = try connection.query(
      """
      WITH o AS MATERIALIZED (SELECT o.* FROM (
        SELECT o.*, sum(o.n) OVER (ORDER BY o.xid, o.id ROWS UNBOUNDED PRECEDING) AS total FROM (
          SELECT o.ctid, o.* FROM \(ledger.outbox) o WHERE (o.xid, o.id) > ($1::text::xid8, $2)
          ORDER BY o.xid, o.id LIMIT $3) o) o WHERE o.total - o.n < $3),
      w AS (SELECT o.ctid, o.id, o.xid, coalesce(b.key, o.key) AS key, o.op,
          coalesce(b.changed, o.changed) AS changed, o.old_v, o.old_homes, o.actor, o.at, o.seen,
          b.place
        FROM o LEFT JOIN LATERAL unnest(o.keys, o.bits) WITH ORDINALITY b(key, changed, place) ON true)
      SELECT \(ledger.outboxColumns), o.xid, o.place, \(isCautious ? "NULL::tid" : ledger.freshColumns)
      FROM w o \(isCautious ? "" : ledger.freshRow)
      ORDER BY o.xid, o.id, o.place
      """, [.text(String(place.xid)), .int(place.id), .int(Int64(limit))])
    var rows: [OutboxRow] = []
    var fresh: [Fresh?] = []
    rows.reserveCapacity(found.count)
    fresh.reserveCapacity(found.count)
    for row in 0..<found.count {
      let write = ledger.outboxRow(found, row, after: rows.last)
      rows.append(write)
      fresh.append(ledger.freshRow(of: write, found, row, clockOffset))
    }
    self.rows = rows
    self.fresh = fresh
    last =
      rows.last.map { last in
        Place(xid: found.int(found.count - 1, OutboxRow.columns) ?? 0, id: last.id)
      } ?? place
    isWhole = !isAhead && found.count < limit
    isShort = isAhead && found.count < limit
  }
}

extension LedgerTable {
  /// Place, inserting transaction and values of the row `t`, after the outbox columns and the transaction's number.
  fileprivate var freshColumns: String {
    "t.ctid, t.xmin, " + selectList("t", Array(columns.indices))
  }

  /// Joins to the outbox row `o` the row that it made, when that is the whole story: the key has no other unsealed write and no body.
  fileprivate var freshRow: String {
    """
    LEFT JOIN LATERAL (SELECT t.* , t.ctid, t.xmin FROM \(table) t
      WHERE t.\(keyName) = o.key AND t._v IS NULL
        AND (SELECT count(*) FROM \(outbox) p WHERE p.key = o.key)
          = CASE WHEN o.place IS NULL THEN 1 ELSE 0 END
        AND NOT EXISTS (SELECT FROM huijia.record r
          WHERE r.ledger = \(id.number) AND r.key = o.key::text) OFFSET 0) t
      ON o.op = 'I' AND o.old_v IS NULL AND o.seen IS NULL
    """
  }

  /// The new row that stands beside a write in a pass; nil when the write is not the row's whole story.
  fileprivate func freshRow(
    of write: OutboxRow, _ found: Rows, _ row: Int, _ clockOffset: Int64
  ) -> CapturedPass.Fresh? {
    let first = OutboxRow.columns + 2
    guard let tid = found.int(row, first) else { return nil }
    let values = columns.enumerated().map { $1.type.value(found, row, first + 2 + $0) }
    var known = LoadedRow()
    known.tid = tid
    known.unlocked = found.int(row, first + 1)
    known.values = values
    let captured = CapturedWrite(
      ref: RecordRef(id, write.key), values: self.values(values, of: write.changed),
      isDeletion: false, isCreation: true, time: write.time + clockOffset, actor: write.actor)
    return CapturedPass.Fresh(write: captured, row: known)
  }
}
