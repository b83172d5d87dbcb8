import ReplicationCore
import SignedFeed

/// Which values of which changes are to be proved.
struct EvidenceDemand {
  private(set) var fields: [Replica: [UInt64: FieldSet]] = [:]
  /// Headers that are to travel whether or not a value of theirs does.
  private(set) var headers: [Replica: Set<UInt64>] = [:]

  mutating func add(_ dot: Dot, _ fields: FieldSet) {
    self.fields[dot.replica, default: [:]][dot.index, default: FieldSet()].formUnion(fields)
  }

  mutating func addHeader(_ dot: Dot) {
    headers[dot.replica, default: []].insert(dot.index)
  }

  mutating func add(_ payload: [FieldDots]) {
    for entry in payload {
      for dot in entry.dots { add(dot, FieldSet([entry.field])) }
    }
  }

  mutating func add(_ item: Item) {
    switch item {
    case .change(_, let dot, let fields, _): add(dot, fields)
    case .state(_, let siblings, _, _): add(siblings)
    case .withdrawal, .policy: break
    }
  }

  /// What is demanded here and not by another; headers count for nothing.
  func without(_ other: EvidenceDemand) -> EvidenceDemand {
    var rest = EvidenceDemand()
    for (replica, indexes) in fields {
      let known = other.fields[replica] ?? [:]
      for (index, fields) in indexes {
        let left = fields.subtracting(known[index] ?? FieldSet())
        if !left.isEmpty { rest.add(Dot(replica, index), left) }
      }
    }
    return rest
  }

  var dots: Set<Dot> {
    var result = Set<Dot>()
    for (replica, indexes) in fields {
      for index in indexes.keys { result.insert(Dot(replica, index)) }
    }
    for (replica, indexes) in headers {
      for index in indexes { result.insert(Dot(replica, index)) }
    }
    return result
  }

  /// Whether these batches hold all that is demanded.
  func isWithin(_ batches: [SignedBatch]) -> Bool {
    func isKnown(_ replica: Replica, _ index: UInt64) -> Bool {
      batches.contains { $0.header.replica == replica && $0.header.indexes.contains(index) }
    }
    return fields.allSatisfy { replica, indexes in
      indexes.keys.allSatisfy { isKnown(replica, $0) }
    }
      && headers.allSatisfy { replica, indexes in indexes.allSatisfy { isKnown(replica, $0) } }
  }

  /// The batches, each pruned to what is demanded of it, in the order of their chains; those of which nothing is demanded are left out.
  func prune(_ batches: [SignedBatch]) -> [SignedBatch] {
    var result: [SignedBatch] = []
    result.reserveCapacity(batches.count)
    for batch in batches {
      let indexes = batch.header.indexes
      let wanted = fields[batch.header.replica] ?? [:]
      var shown: [UInt64: FieldSet] = [:]
      if wanted.count <= indexes.count {
        for (index, fields) in wanted where indexes.contains(index) { shown[index] = fields }
      } else {
        for index in indexes { if let fields = wanted[index] { shown[index] = fields } }
      }
      let isDemanded = headers[batch.header.replica]?.contains { indexes.contains($0) } ?? false
      if shown.isEmpty, !isDemanded { continue }
      result.append(batch.pruned(to: shown))
    }
    return result.sorted {
      let (a, b) = ($0.header, $1.header)
      return a.replica == b.replica ? a.firstIndex < b.firstIndex : a.replica < b.replica
    }
  }
}
