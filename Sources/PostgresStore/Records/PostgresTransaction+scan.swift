internal import Governance
package import ReplicationCore
internal import ReplicationEngine

extension PostgresTransaction {
  package func scan(
    _ ledger: LedgerID, after key: String?, limit: Int
  ) throws -> [(RecordRef, Record)] {
    var key = key
    while true {
      let keys = try keys(of: ledger, after: key, limit: limit)
      let refs = keys.map { RecordRef(ledger, $0) }
      let found = try load(refs, lock: false).records
      let records = refs.compactMap { ref in found[ref].map { (ref, $0) } }
      // Rows that are not sealed yet are no records: nothing but such rows is not the ledger's end.
      if !records.isEmpty || keys.count < limit { return records }
      key = keys.last
    }
  }

  /// The keys of rows, and of records without a row, after one.
  private func keys(of ledger: LedgerID, after key: String?, limit: Int) throws -> [String] {
    let table = try ledgers.table(ledger)
    let order = table.keyType == .text ? "\(table.keyName) COLLATE \"C\"" : table.keyName
    let bodyKey = table.keyType == .text ? "r.key" : table.keyCast("r.key")
    let after = table.keyCast("$2::text")
    let rowBound = key == nil ? "" : "WHERE t.\(order) > \(after)"
    let bodyBound = key == nil ? "" : "AND \(bodyKey) > \(after)"
    var parameters: [Parameter] = [.int(Int64(limit))]
    if let key { parameters.append(.text(key)) }
    let rows = try connection.query(
      """
      SELECT u.k::text FROM (
        (SELECT t.\(table.keyName) AS k FROM \(table.table) t \(rowBound) ORDER BY t.\(order) LIMIT $1)
        UNION
        (SELECT \(bodyKey) FROM huijia.record r WHERE r.ledger = \(ledger.number)
         \(bodyBound) ORDER BY 1 LIMIT $1)) u
      ORDER BY u.k\(table.keyType == .text ? " COLLATE \"C\"" : "") LIMIT $1
      """, parameters)
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }

  package func count(_ ledger: LedgerID) throws -> UInt64 {
    let table = try ledgers.table(ledger)
    let rows = try connection.query(
      """
      SELECT greatest(c.reltuples, 0)::bigint,
        CASE WHEN c.reltuples < 10000 THEN (SELECT count(*) FROM \(table.table)) END
      FROM pg_class c WHERE c.oid = '\(table.table)'::regclass
      """)
    return UInt64(rows.int(0, 1) ?? rows.int(0, 0) ?? 0)
  }

  package func count(_ ledger: LedgerID, through key: String) throws -> UInt64 {
    let table = try ledgers.table(ledger)
    let order = table.keyType == .text ? "\(table.keyName) COLLATE \"C\"" : table.keyName
    let rows = try connection.query(
      "SELECT count(*) FROM \(table.table) t WHERE t.\(order) <= \(table.keyCast("$1::text"))",
      [.text(key)])
    return UInt64(rows.int(0, 0) ?? 0)
  }
}
