import ReplicationCore
import SignedFeed

/// What of one entry, or of one record, goes into one parcel.
struct Portion {
  var items: [Item] = []
  var evidence: [SignedBatch] = []
}

extension Replicator {
  /// The items of one entry or of one record in portions that fit, with their proofs, into `maximumBytes` each, as far as single values do.
  ///
  /// A state may be told in parts: each value of a register is merged for itself, and every part names the whole view. Where the record
  /// lies, and whether it is alive, comes first. Other items stay whole.
  func portions(
    _ items: [Item], _ evidence: [SignedBatch], within maximumBytes: Int
  ) -> [Portion] {
    let whole = Portion(items: items, evidence: evidence)
    if evidence.reduce(items.encodedBound, { $0 + $1.encodedSize }) <= maximumBytes {
      return [whole]
    }
    let parts = items.flatMap { pieces(of: $0) }
    if parts.count <= items.count { return [whole] }
    var groups: [[Item]] = []
    var room = 0
    for part in parts {
      // Parts of one batch share its header and path: alone each takes more than among others.
      let size = EvidenceDemand(of: [part]).prune(evidence)
        .reduce([part].encodedBound) { $0 + $1.encodedSize }
      if groups.isEmpty || size > room {
        groups.append([])
        room = maximumBytes
      }
      groups[groups.count - 1].append(part)
      room -= size
    }
    return groups.enumerated().map { number, parts in
      var demand = EvidenceDemand(of: parts)
      if number == 0 {
        // The first hop follows the author's own chain.
        for batch in evidence where batch.header.replica.node == node {
          demand.addHeader(Dot(batch.header.replica, batch.header.lastIndex))
        }
      }
      return Portion(items: parts.joined(), evidence: demand.prune(evidence))
    }
  }

  /// A state value by value, what everything else hangs on in one; any other item as it is.
  private func pieces(of item: Item) -> [Item] {
    guard case .state(let ref, let siblings, let view, let isPayload) = item else { return [item] }
    let first = FieldSet.existence.union(FieldSet(policy.routingFields(of: ref.ledger)))
    var parts = [siblings.filter { first.contains($0.field) }]
    for entry in siblings where !first.contains(entry.field) {
      for dot in entry.dots { parts.append([FieldDots(entry.field, [dot])]) }
    }
    if parts.count > 1, parts[0].isEmpty { parts.removeFirst() }
    return parts.map { .state(ref, siblings: $0, view: view, payload: isPayload) }
  }
}

extension EvidenceDemand {
  fileprivate init(of items: [Item]) {
    self.init()
    for item in items { add(item) }
  }
}

extension [Item] {
  /// The same with neighbouring parts of one state put together again.
  fileprivate func joined() -> [Item] {
    var result: [Item] = []
    for item in self {
      if let last = result.last, let both = last.joined(item) {
        result[result.count - 1] = both
      } else {
        result.append(item)
      }
    }
    return result
  }
}

extension Item {
  fileprivate func joined(_ next: Item) -> Item? {
    guard case .state(let ref, let mine, let view, let isPayload) = self,
      case .state(ref, let theirs, view, isPayload) = next
    else { return nil }
    var dots: [FieldID: [Dot]] = [:]
    for entry in mine + theirs { dots[entry.field, default: []] += entry.dots }
    let siblings = dots.sorted { $0.key < $1.key }.map { FieldDots($0.key, $0.value.sorted()) }
    return .state(ref, siblings: siblings, view: view, payload: isPayload)
  }
}
