package import ReplicationCore

extension PostgresTransaction {
  package func outlines(_ refs: [RecordRef]) throws -> [RecordRef: Record] {
    var result: [RecordRef: Record] = [:]
    result.reserveCapacity(refs.count)
    // The one writer knows what it has committed.
    let time = isWriter ? UInt64.max : outlineStart
    let known = savedOutlines.isEmpty ? outlineCache.outlines(of: refs, asOf: time) : [:]
    var missing: [LedgerID: [String]] = [:]
    for ref in refs {
      if let outline = known[ref] {
        result[ref] = outline.record(of: try ledgers.table(ref.ledger))
      } else {
        missing[ref.ledger, default: []].append(ref.key)
      }
    }
    for (id, keys) in missing.sorted(by: { $0.key < $1.key }) {
      let ledger = try ledgers.table(id)
      for (key, row) in try read(ledger, keys, lock: false, onlyHomes: true) {
        if let record = row.record { result[RecordRef(id, key)] = record }
      }
    }
    return result
  }
}
