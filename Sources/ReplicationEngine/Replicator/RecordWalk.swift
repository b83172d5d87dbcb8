import ReplicationCore

/// Goes through the records of a ledger in ascending order: through all, or through those near some homes.
struct RecordWalk {
  /// How many keys are asked for at once: far more than records, which hold values.
  private static let keys = 4096

  private let ledger: LedgerID
  private let difference: ViewDifference
  private let routing: [FieldID]
  /// Keys near the homes that follow the last one given out, ascending.
  private var ahead: [String] = []
  private var aheadFrom: String?
  private var isAtEnd = false

  init(_ ledger: LedgerID, _ difference: ViewDifference, routing: [FieldID]) {
    self.ledger = ledger
    self.difference = difference
    self.routing = routing
  }

  /// The next records after a key, at most `limit`; none at the end.
  mutating func next(
    after key: String?, limit: Int, _ tx: any StoreTransaction
  ) throws -> [(RecordRef, Record)] {
    switch difference {
    case .none: return []
    case .all: return try tx.scan(ledger, after: key, limit: limit)
    case .homes(let homes):
      var last = key
      while true {
        let keys = try keys(near: homes, after: last, limit: limit, tx)
        if keys.isEmpty { return [] }
        let refs = keys.map { RecordRef(ledger, $0) }
        let found = try tx.load(refs, lock: false).records
        let records = refs.compactMap { ref in found[ref].map { (ref, $0) } }
        if !records.isEmpty { return records }
        last = keys.last
      }
    }
  }

  private mutating func keys(
    near homes: [ClosedRange<DivisionCode>], after key: String?, limit: Int,
    _ tx: any StoreTransaction
  ) throws -> [String] {
    if let key, let at = ahead.firstIndex(of: key) {
      ahead.removeSubrange(...at)
    } else if key != aheadFrom || ahead.isEmpty {
      ahead = []
      isAtEnd = false
    }
    aheadFrom = key
    if ahead.count < limit, !isAtEnd {
      let more = try tx.keys(
        of: ledger, routing: routing, near: homes, after: ahead.last ?? key, limit: Self.keys)
      ahead += more
      isAtEnd = more.count < Self.keys
    }
    return Array(ahead.prefix(limit))
  }
}
