internal import ReplicationCore

/// One captured write of an application that is not sealed yet.
struct OutboxRow {
  let tid: String
  let id: Int64
  let xid: Int64
  let key: String
  /// `I`, `U` or `D`.
  let operation: UInt8
  let changed: FieldSet
  let oldVersion: [UInt8]?
  /// The home columns before the write, by position; nil for an insert.
  let oldHomes: [String?]?
  let actor: String
  /// Microseconds since 1970 UTC.
  let time: Int64
  /// What the application's version token holds; nil when it passed none.
  let seen: [UInt8]?
}

extension LedgerTable {
  /// The columns that `outboxRow` reads, from alias `o`.
  var outboxColumns: String {
    """
    o.ctid::text, o.id, o.xid::text::bigint AS xid, o.key::text, o.op::text, o.changed, o.old_v, \
    array_to_string(o.old_homes, ',', ''), o.actor, (extract(epoch FROM o.at) * 1000000)::bigint, \
    o.seen
    """
  }

  /// Reads a row selected with `outboxColumns`.
  func outboxRow(_ rows: Rows, _ row: Int) -> OutboxRow {
    let homes = rows.text(row, 7).map { text in
      text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? nil : String($0) }
    }
    return OutboxRow(
      tid: rows.text(row, 0) ?? "", id: rows.int(row, 1) ?? 0, xid: rows.int(row, 2) ?? 0,
      key: rows.text(row, 3) ?? "", operation: rows.bytes(row, 4)?.first ?? 0,
      changed: FieldSet(bits: UInt64(bitPattern: rows.int(row, 5) ?? 0)),
      oldVersion: rows.bytes(row, 6), oldHomes: homes, actor: rows.text(row, 8) ?? "",
      time: rows.int(row, 9) ?? 0, seen: rows.bytes(row, 10))
  }
}
