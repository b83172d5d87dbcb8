internal import ReplicationCore

/// One captured write of an application that is not sealed yet.
struct OutboxRow {
  /// Where it lies, as `Parameter.tids` takes it.
  let tid: Int64
  let id: Int64
  private(set) var key: String
  /// `I`, `U` or `D`; `V`: somebody vouched for the values of `changed`.
  let operation: UInt8
  private(set) var changed: FieldSet
  let oldVersion: [UInt8]?
  /// The home columns before the write, by position; nil for an insert.
  let oldHomes: [String?]?
  let actor: String
  /// Microseconds since 1970 UTC.
  let time: Int64
  /// How many columns `LedgerTable.outboxColumns` has.
  static let columns = 10

  /// What the application's version token holds; nil when it passed none. Of a `V`: the version that stood there.
  let seen: [UInt8]?
  /// Whether the outbox's row stands for many new rows, of which this is one: `tid` is then theirs together.
  var isBundled = false

  /// Another of the rows that one row of the outbox stands for.
  fileprivate func another(_ key: String, _ changed: FieldSet) -> OutboxRow {
    var other = self
    other.key = key
    other.changed = changed
    return other
  }
}

extension LedgerTable {
  /// The columns that `outboxRow` reads, from alias `o`.
  var outboxColumns: String {
    """
    o.ctid, o.id, o.key::text, o.op, o.changed, o.old_v, array_to_string(o.old_homes, ',', ''), \
    o.actor, o.at, o.seen
    """
  }

  /// Reads a row selected with `outboxColumns`, the transaction's number and the place in a bundle, after the one before it.
  ///
  /// What a bundle's rows share is read once.
  func outboxRow(_ rows: Rows, _ row: Int, after last: OutboxRow?) -> OutboxRow {
    guard !rows.isNull(row, OutboxRow.columns + 1) else { return outboxRow(rows, row) }
    if let last, last.isBundled, last.tid == rows.int(row, 0), last.id == rows.int(row, 1) {
      return last.another(rows.text(row, 2) ?? "", changed(rows, row))
    }
    var first = outboxRow(rows, row)
    first.isBundled = true
    return first
  }

  private func changed(_ rows: Rows, _ row: Int) -> FieldSet {
    FieldSet(bits: UInt64(bitPattern: rows.int(row, 4) ?? 0))
  }

  /// Reads a row selected with `outboxColumns`.
  func outboxRow(_ rows: Rows, _ row: Int) -> OutboxRow {
    let homes = rows.text(row, 6).map { text in
      text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? nil : String($0) }
    }
    return OutboxRow(
      tid: rows.int(row, 0) ?? 0, id: rows.int(row, 1) ?? 0, key: rows.text(row, 2) ?? "",
      operation: rows.withBytes(row, 3) { $0.first ?? 0 } ?? 0,
      changed: changed(rows, row),
      oldVersion: rows.bytes(row, 5), oldHomes: homes, actor: rows.text(row, 7) ?? "",
      time: (rows.int(row, 8) ?? 0) &+ epochMicroseconds, seen: rows.bytes(row, 9))
  }
}
