import ReplicationCore
import SignedFeed

/// Which values the batches of a parcel show.
struct ShownValues {
  private var batches: [Replica: [SignedBatch]] = [:]
  /// What was asked last: a state names one dot in many fields.
  private var last: (ref: RecordRef, dot: Dot, fields: FieldSet)?

  /// - Parameter evidence: ascending by replica and index.
  init(_ evidence: [SignedBatch]) {
    for batch in evidence { batches[batch.header.replica, default: []].append(batch) }
  }

  /// The shown fields of a change; none when it is hidden, or of another record.
  mutating func fields(of dot: Dot, in ref: RecordRef) -> FieldSet {
    if let last, last.dot == dot, last.ref == ref { return last.fields }
    let fields = look(for: dot, in: ref)
    last = (ref, dot, fields)
    return fields
  }

  private func look(for dot: Dot, in ref: RecordRef) -> FieldSet {
    guard let chain = batches[dot.replica] else { return [] }
    var low = 0
    var high = chain.count
    while low < high {
      let middle = (low + high) / 2
      if chain[middle].header.firstIndex <= dot.index { low = middle + 1 } else { high = middle }
    }
    guard low > 0, chain[low - 1].ref(of: dot.index) == ref else { return [] }
    return chain[low - 1].fields(of: dot.index)
  }
}

extension Replicator {
  /// The items as far as the parcel proves them: a peer must refuse the whole link for one value that comes without its proof.
  ///
  /// A value that was put here by hand, or whose proof went with a damaged disk, so stays here until the ends are compared. An item that would
  /// lose where its record lies, or whether it is alive, is left out. Returns also the records of which something was.
  func proved(_ items: [Item], by evidence: [SignedBatch]) -> (
    items: [Item], unproved: Set<RecordRef>
  ) {
    var shown = ShownValues(evidence)
    var unproved = Set<RecordRef>()
    let proved = items.compactMap { item -> Item? in
      let proved = self.proved(item, by: &shown)
      if proved != item, let ref = item.ref { unproved.insert(ref) }
      return proved
    }
    return (proved, unproved)
  }

  private func proved(_ item: Item, by shown: inout ShownValues) -> Item? {
    switch item {
    case .withdrawal, .policy: return item
    case .change(let ref, let dot, let fields, let isPayload):
      let known = fields.intersection(shown.fields(of: dot, in: ref))
      if known == fields { return item }
      if known.isEmpty || isNeeded(fields.subtracting(known), in: ref) { return nil }
      return .change(ref, dot: dot, fields: known, payload: isPayload)
    case .state(let ref, let siblings, let view, let isPayload):
      var lost = FieldSet()
      for entry in siblings {
        for dot in entry.dots where !shown.fields(of: dot, in: ref).contains(entry.field) {
          lost.insert(entry.field)
        }
      }
      if lost.isEmpty { return item }
      if isNeeded(lost, in: ref) { return nil }
      let rest = siblings.compactMap { entry -> FieldDots? in
        let dots = entry.dots.filter {
          shown.fields(of: $0, in: ref).contains(entry.field)
        }
        return dots.isEmpty ? nil : FieldDots(entry.field, dots)
      }
      return rest.isEmpty ? nil : .state(ref, siblings: rest, view: view, payload: isPayload)
    }
  }

  private func isNeeded(_ fields: FieldSet, in ref: RecordRef) -> Bool {
    let needed = FieldSet.existence.union(FieldSet(policy.routingFields(of: ref.ledger)))
    return !fields.intersection(needed).isEmpty
  }
}
