internal import Governance
package import ReplicationCore
package import ReplicationEngine

/// Outlines come from the version column and the bodies: no value but the homes is read.
extension PostgresTransaction {
  package func outlines(
    _ ledger: LedgerID, routing: [FieldID], near: [ClosedRange<DivisionCode>]?, after: String?,
    through: String?, limit: Int
  ) throws -> OutlineSlice {
    let table = try ledgers.table(ledger)
    let bounds = KeyBounds(after: after, through: through, limit: limit, type: table.keyType)
    let (rows, rowsEnd) = try stampedRows(table, near, bounds)
    let bodies = try storedBodies(table, bounds)
    let pending = try pendingKeys(table, bounds)
    // Beyond the end of a part that was cut off, the others have keys that it lacks.
    var next = rowsEnd
    for part in [bodies.map(\.key), pending] where part.count == limit {
      guard let end = part.last else { continue }
      if next.map({ table.keyType.isAscending(end, $0) }) ?? true { next = end }
    }
    func isWithin(_ key: String) -> Bool {
      next.map { key == $0 || table.keyType.isAscending(key, $0) } ?? true
    }
    let unsealed = Set(pending)
    var found: [String: RecordOutline] = [:]
    found.reserveCapacity(rows.count)
    for row in rows where isWithin(row.key) && !unsealed.contains(row.key) {
      if row.version.isEmpty || row.version == RecordCodec.seeBody { continue }
      let ref = RecordRef(ledger, row.key)
      found[row.key] = try readable(ref) { try RecordCodec.stamp(row.version, ref) }?
        .outline(homes: zip(routing, row.homes))
    }
    for (key, body) in bodies where isWithin(key) {
      let ref = RecordRef(ledger, key)
      found[key] = try readable(ref) { try RecordCodec.body(body, ref) }
        .map { RecordOutline($0, routing: routing) }
    }
    // A write that is not sealed hides the row as it was sealed.
    let hidden = pending.filter { isWithin($0) && found[$0] == nil }
      .map { RecordRef(ledger, $0) }
    for (ref, record) in try load(hidden, lock: false).records {
      found[ref.key] = RecordOutline(record, routing: routing)
    }
    let keys = found.keys.sorted { table.keyType.isAscending($0, $1) }
    return OutlineSlice(keys.map { ($0, found[$0] ?? RecordOutline()) }, next: next)
  }

  private typealias StampedRow = (key: String, version: [UInt8], homes: [DivisionCode?])

  /// Rows of a range, of those near some homes at most the bounds' limit, and the last key looked at where rows may follow.
  ///
  /// Where homes narrow the view, far more rows are looked at than are told, but never all in one go. The outer query sorts nothing:
  /// it stops as soon as it has enough.
  private func stampedRows(
    _ table: LedgerTable, _ near: [ClosedRange<DivisionCode>]?, _ bounds: KeyBounds
  ) throws -> (rows: [StampedRow], end: String?) {
    let names = table.homes.map { "t.\(table.columns[$0].name)" }
    let homes = names.map { ", \($0)::text" }.joined()
    let order =
      table.keyType == .text ? "t.\(table.keyName) COLLATE \"C\"" : "t.\(table.keyName)"
    let window = near == nil ? bounds.limit : bounds.limit * Self.lookedPerRow
    let rows = try connection.query(
      """
      SELECT * FROM (
        SELECT t.\(table.keyName)::text, t._v, coalesce(\(condition(near, names)), false) AS is_near,
          row_number() OVER (ORDER BY \(order)) = \(window) AS is_end\(homes)
        FROM \(table.table) t WHERE \(bounds.condition(order)) ORDER BY \(order) LIMIT \(window)) t
      WHERE is_near OR is_end LIMIT $1
      """, bounds.parameters)
    var found: [StampedRow] = []
    found.reserveCapacity(rows.count)
    for row in 0..<rows.count where rows.int(row, 2) == 1 {
      let homes = table.homes.indices.map { rows.text(row, $0 + 4).flatMap { DivisionCode($0) } }
      found.append((rows.text(row, 0) ?? "", rows.bytes(row, 1) ?? [], homes))
    }
    let last = rows.count - 1
    let isCut = last >= 0 && (rows.count == bounds.limit || rows.int(last, 3) == 1)
    return (found, isCut ? rows.text(last, 0) : nil)
  }

  /// How many rows are looked at for each that may be told.
  private static var lookedPerRow: Int { 20 }

  /// Whether one of a row's homes is among some codes, as SQL. A code's digits stand in the order of its number.
  private func condition(_ near: [ClosedRange<DivisionCode>]?, _ homes: [String]) -> String {
    guard let near else { return "true" }
    let terms = homes.flatMap { home in
      near.map { "\(home) COLLATE \"C\" BETWEEN '\($0.lowerBound)' AND '\($0.upperBound)'" }
    }
    return terms.isEmpty ? "false" : terms.joined(separator: " OR ")
  }

  /// Bodies stand by the key's text; only numbers order otherwise than their text.
  private func storedBodies(
    _ table: LedgerTable, _ bounds: KeyBounds
  ) throws -> [(key: String, body: [UInt8])] {
    let order = table.keyType == .bigint ? table.keyCast("r.key") : "r.key"
    let condition = bounds.condition(order, isText: table.keyType != .bigint)
    let rows = try connection.query(
      """
      SELECT r.key, r.body FROM huijia.record r
      WHERE r.ledger = \(table.id.number) AND \(condition) ORDER BY \(order) LIMIT $1
      """, bounds.parameters)
    return (0..<rows.count).map { (rows.text($0, 0) ?? "", rows.bytes($0, 1) ?? []) }
  }

  /// Keys with unsealed writes that may hide what was sealed. A bundle hides nothing: its rows are new, and what stood there
  /// before was deleted by a write of its own.
  private func pendingKeys(_ table: LedgerTable, _ bounds: KeyBounds) throws -> [String] {
    let order = table.keyType == .text ? "o.key COLLATE \"C\"" : "o.key"
    let rows = try connection.query(
      """
      SELECT k::text FROM (SELECT DISTINCT \(order) AS k FROM \(table.outbox) o
      WHERE o.key IS NOT NULL AND \(bounds.condition(order))) o ORDER BY k LIMIT $1
      """, bounds.parameters)
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }
}

/// A range of a ledger's keys as SQL.
private struct KeyBounds {
  let after: String?
  let through: String?
  let limit: Int
  let type: KeyType

  var parameters: [Parameter] {
    [.int(Int64(limit))] + [after, through].compactMap { $0.map(Parameter.text) }
  }

  /// The condition on a key expression; `isText`: it is the key's text whatever the ledger's type.
  func condition(_ key: String, isText: Bool = false) -> String {
    func cast(_ number: Int) -> String { "$\(number)::text" + (isText ? "" : "::\(type.rawValue)") }
    var terms: [String] = []
    if after != nil { terms.append("\(key) > \(cast(2))") }
    if through != nil { terms.append("\(key) <= \(cast(after == nil ? 2 : 3))") }
    return terms.isEmpty ? "true" : terms.joined(separator: " AND ")
  }
}

extension KeyType {
  /// Whether one key stands before another in a ledger's order: numbers by value, all else by bytes.
  func isAscending(_ a: String, _ b: String) -> Bool {
    if self == .bigint, let x = Int64(a), let y = Int64(b) { return x < y }
    return a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}

extension RecordStamp {
  /// The record's outline; `homes` are the home columns as the row has them.
  fileprivate func outline(
    homes: some Sequence<(FieldID, DivisionCode?)>
  ) -> RecordOutline {
    var all = FieldSet()
    for (_, fields) in groups { all.formUnion(fields) }
    return RecordOutline(
      homes: [Home](columns: homes.map { field, code in all.contains(field) ? code : nil }),
      held: groups.map { RecordOutline.Held($0.group.dot, $0.fields, side: $0.group.side) })
  }
}
