import ReplicationCore
import SignedFeed

extension Replicator {
  /// A policy entry: the policy (downwards), then every record whose view or gate it changed, in bounded parts.
  func projectPolicy(
    from old: UInt64, to new: UInt64, _ peer: NodeID, _ lane: Lane, at position: UInt64,
    _ maximumBytes: Int, _ resuming: RecordRef?, _ knownSigners: Set<Digest>,
    _ tx: any StoreTransaction
  ) throws -> Projection {
    let projector = projector(to: peer)
    var parts = Parts(self, projector, maximumBytes: maximumBytes)
    if peer != parent, resuming == nil { parts.items.append(.policy(epoch: new)) }
    guard let before = policies.policy(old) else {
      throw ParcelError(
        .unknownPolicy, "policy epoch \(old) is no longer here: the link needs a catch-up")
    }
    let skipped = new > old + 1
    let resume = try walk(
      lane, after: resuming, tx, &parts,
      near: { changed(from: before, skippedEpochs: skipped, projector, $0) }
    ) { ref, record, ledger in
      var output = Projector.Output()
      projector.projectPolicyChange(
        from: before, skippedEpochs: skipped, ref, record, projector.ledger(ledger),
        into: &output)
      return output.items
    }
    let next = resume == nil ? position + 1 : position
    return Projection(
      try parcels(
        lane, .feed(from: position, next: next), parts.items, parts.evidence, within: maximumBytes,
        knownSigners, tx), resume: resume)
  }

  /// The records of a ledger that the peer may see otherwise than under a former policy.
  private func changed(
    from old: any ViewPolicy, skippedEpochs: Bool, _ projector: Projector, _ ledger: LedgerID
  ) -> ViewDifference {
    let (peer, isUp) = (projector.peer, projector.isUp)
    if isUp {
      let wasGated = old.isGated(from: node, to: peer, in: ledger)
      if skippedEpochs || wasGated != policy.isGated(from: node, to: peer, in: ledger) {
        return .all
      }
    }
    return policy.difference(from: old, for: peer, in: ledger, isUp: isUp)
  }

  /// Goes through the records of a lane in ascending order until a parcel is full; returns the record to go on after, nil at the end.
  ///
  /// `near`: which records of a ledger have to be looked at.
  func walk(
    _ lane: Lane, after: RecordRef?, _ tx: any StoreTransaction, _ parts: inout Parts,
    near: (LedgerID) -> ViewDifference = { _ in .all },
    _ items: (RecordRef, Record, LedgerID) -> [Item]
  ) throws -> RecordRef? {
    var reached = after
    for ledger in ledgers(of: lane) {
      if let after, ledger < after.ledger { continue }
      var records = RecordWalk(ledger, near(ledger), routing: policy.routingFields(of: ledger))
      var last = after?.ledger == ledger ? after?.key : nil
      while true {
        let slice = try records.next(after: last, limit: Parts.step, tx)
        guard let end = slice.last else { break }
        let rules = parts.projector.ledger(ledger)
        let found = slice.map { ref, record in
          (
            items: items(ref, record, ledger),
            masks: parts.projector.masks(record.routing(by: rules.routing), rules)
          )
        }
        let taken = try parts.add(found, tx)
        parts.visited += UInt64(taken)
        if taken < slice.count {
          if parts.items.isEmpty, taken > 0 {
            // What did not fit goes into an empty parcel alone: a part without an item would look like the end.
            last = slice[taken - 1].0.key
            continue
          }
          // None of this ledger may have found room: then it goes on where the one before it ended.
          return taken > 0 ? slice[taken - 1].0 : reached
        }
        last = end.0.key
        reached = end.0
      }
    }
    return nil
  }
}

/// A parcel that fills up, record by record.
struct Parts {
  /// How many records are looked at in one go.
  static let step = 64
  let maximumBytes: Int
  let projector: Projector
  private let replicator: Replicator
  var items: [Item] = []
  var evidence: [SignedBatch] = []
  var visited: UInt64 = 0
  private var demand = EvidenceDemand()

  init(_ replicator: Replicator, _ projector: Projector, maximumBytes: Int) {
    self.replicator = replicator
    self.projector = projector
    self.maximumBytes = maximumBytes
  }

  /// Adds the items of as many records as fit, each seen under its masks, at least one to an empty parcel; returns how many.
  mutating func add(
    _ found: [(items: [Item], masks: FieldMasks)], _ tx: any StoreTransaction
  ) throws -> Int {
    var count = found.count
    while count > 0 {
      var wanted = demand
      var more = items
      for told in found.prefix(count) {
        for item in told.items { wanted.add(item, told.masks) }
        more += told.items
      }
      if more.count == items.count { return count }
      let batches = try pruned(wanted, tx)
      let size = batches.reduce(more.encodedBound) { $0 + $1.encodedSize }
      if size <= maximumBytes || (evidence.isEmpty && count == 1) {
        (demand, items, evidence) = (wanted, more, batches)
        return count
      }
      count /= 2
    }
    return 0
  }

  mutating func require(header dot: Dot, _ tx: any StoreTransaction) throws {
    demand.addHeader(dot)
    evidence = try pruned(demand, tx)
  }

  private func pruned(
    _ demand: EvidenceDemand, _ tx: any StoreTransaction
  ) throws -> [SignedBatch] {
    try demand.prune(
      try tx.batches(containing: demand.dots), by: replicator.masking(for: projector.peer))
  }
}
