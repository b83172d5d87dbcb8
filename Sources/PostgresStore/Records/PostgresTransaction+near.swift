internal import Governance
package import ReplicationCore
internal import ReplicationEngine

extension PostgresTransaction {
  /// By the index of each home column; beside it the few records that stand in no row, or not as they were sealed.
  package func keys(
    of ledger: LedgerID, routing: [FieldID], near homes: [ClosedRange<DivisionCode>],
    after key: String?, limit: Int
  ) throws -> [String] {
    let table = try ledgers.table(ledger)
    let order = table.keyType == .text ? "\(table.keyName) COLLATE \"C\"" : table.keyName
    let bodyKey = table.keyType == .text ? "r.key" : table.keyCast("r.key")
    let pending = table.keyType == .text ? "o.key COLLATE \"C\"" : "o.key"
    let bound = key == nil ? "" : "> \(table.keyCast("$2::text"))"
    func after(_ key: String) -> String { bound.isEmpty ? "" : "AND \(key) \(bound)" }
    var parameters: [Parameter] = [.int(Int64(limit))]
    if let key { parameters.append(.text(key)) }
    // The rows near the homes come first of all, so that no walk along the keys looks at all others.
    let rows = try connection.query(
      """
      WITH near AS MATERIALIZED (
        SELECT t.\(table.keyName) AS k FROM \(table.table) t
        WHERE \(Self.condition(homes, table)) \(after("t.\(order)")))
      SELECT u.k::text FROM (
        SELECT k FROM near UNION
        (SELECT \(bodyKey) FROM huijia.record r
         WHERE r.ledger = \(ledger.number) AND r.held \(after(bodyKey)) ORDER BY 1 LIMIT $1) UNION
        (SELECT DISTINCT \(pending) FROM \(table.outbox) o
         WHERE o.key IS NOT NULL \(after(pending)) ORDER BY 1 LIMIT $1)) u
      ORDER BY u.k\(table.keyType == .text ? " COLLATE \"C\"" : "") LIMIT $1
      """, parameters)
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }

  /// Whether one of a row's homes is among some codes, as SQL that the indexes of home columns answer. A code's digits stand in the order of its number.
  private static func condition(
    _ homes: [ClosedRange<DivisionCode>], _ table: LedgerTable
  ) -> String {
    let terms = table.homes.flatMap { home in
      homes.map {
        "t.\(table.columns[home].name) COLLATE \"C\" BETWEEN '\($0.lowerBound)' AND '\($0.upperBound)'"
      }
    }
    return terms.isEmpty ? "false" : "(\(terms.joined(separator: " OR ")))"
  }
}
