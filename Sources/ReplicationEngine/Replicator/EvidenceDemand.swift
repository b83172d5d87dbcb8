import ReplicationCore
import SignedFeed

/// Which values of which changes are to be proved.
struct EvidenceDemand {
  private(set) var fields: [Replica: [UInt64: FieldSet]] = [:]
  /// Of changes that a peer sees masked, how.
  private(set) var masks: [Replica: [UInt64: FieldMasks]] = [:]
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

  /// An item for a peer who sees its record under these masks.
  mutating func add(_ item: Item, _ masks: FieldMasks) {
    add(item)
    if masks.isEmpty { return }
    var told = EvidenceDemand()
    told.add(item)
    for dot in told.dots { self.masks[dot.replica, default: [:]][dot.index] = masks }
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
  ///
  /// Values stand as this node keeps them: for its own use.
  func prune(_ batches: [SignedBatch]) -> [SignedBatch] {
    prune(batches) { $0.pruned(to: $1) }
  }

  /// The same without masking nodes' words: only what the authors wrote.
  func opened(_ batches: [SignedBatch]) throws -> [SignedBatch] {
    try prune(batches) { try $0.pruned(to: $1, masks: [:], by: nil) }
  }

  /// The same as a peer may see it: masked where its view demands that, and left out where this node has not what the peer is to see.
  func prune(
    _ batches: [SignedBatch], by masking: @autoclosure () throws -> Masking
  ) throws -> [SignedBatch] {
    if masks.isEmpty { return try opened(batches) }
    let masking = try masking()
    return try prune(batches) { batch, shown in
      try batch.pruned(to: shown, masks: masks[batch.header.replica] ?? [:], by: masking)
    }
  }

  private func prune(
    _ batches: [SignedBatch], _ pruned: (SignedBatch, [UInt64: FieldSet]) throws -> SignedBatch
  ) rethrows -> [SignedBatch] {
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
      result.append(try pruned(batch, shown))
    }
    return result.sorted {
      let (a, b) = ($0.header, $1.header)
      return a.replica == b.replica ? a.firstIndex < b.firstIndex : a.replica < b.replica
    }
  }
}
