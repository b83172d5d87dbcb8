package import ReplicationCore

extension PostgresTransaction {
  package func outlines(_ refs: [RecordRef]) throws -> [RecordRef: Record] {
    var keys: [LedgerID: [String]] = [:]
    for ref in refs { keys[ref.ledger, default: []].append(ref.key) }
    var result: [RecordRef: Record] = [:]
    result.reserveCapacity(refs.count)
    for (id, keys) in keys.sorted(by: { $0.key < $1.key }) {
      let ledger = try ledgers.table(id)
      for (key, row) in try read(ledger, keys, lock: false, onlyHomes: true) {
        if let record = row.record { result[RecordRef(id, key)] = record }
      }
    }
    return result
  }
}
