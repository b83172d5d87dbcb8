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
    var parts = Parts(maximumBytes: maximumBytes)
    if peer != parent, resuming == nil { parts.items.append(.policy(epoch: new)) }
    guard let before = policies.policy(old) else {
      throw ParcelError(
        .unknownPolicy, "policy epoch \(old) is no longer here: the link needs a catch-up")
    }
    let resume = try walk(lane, after: resuming, tx, &parts) { ref, record, ledger in
      var output = Projector.Output()
      projector.projectPolicyChange(
        from: before, skippedEpochs: new > old + 1, ref, record, projector.ledger(ledger),
        into: &output)
      return output.items
    }
    let next = resume == nil ? position + 1 : position
    var parcels = try parcels(
      lane, .feed(from: position, next: next), parts.items, parts.evidence, within: maximumBytes,
      knownSigners, tx)
    if peer != parent, resuming == nil {
      parcels.first.documents = try tx.documents().filter {
        $0.kind == .policy && $0.epoch >= new
      }
    }
    return Projection(parcels, resume: resume)
  }

  /// Goes through the records of a lane in ascending order until a parcel is full; returns the record to go on after, nil at the end.
  func walk(
    _ lane: Lane, after: RecordRef?, _ tx: any StoreTransaction, _ parts: inout Parts,
    _ items: (RecordRef, Record, LedgerID) -> [Item]
  ) throws -> RecordRef? {
    var reached = after
    for ledger in ledgers(of: lane) {
      if let after, ledger < after.ledger { continue }
      var last = after?.ledger == ledger ? after?.key : nil
      while true {
        let slice = try tx.scan(ledger, after: last, limit: Parts.step)
        guard let end = slice.last else { break }
        var found: [[Item]] = []
        for (ref, record) in slice { found.append(items(ref, record, ledger)) }
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
  var items: [Item] = []
  var evidence: [SignedBatch] = []
  var visited: UInt64 = 0
  private var demand = EvidenceDemand()

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  /// Adds the items of as many records as fit, at least one to an empty parcel; returns how many.
  mutating func add(_ found: [[Item]], _ tx: any StoreTransaction) throws -> Int {
    var count = found.count
    while count > 0 {
      var wanted = demand
      var more = items
      for list in found.prefix(count) {
        for item in list { wanted.add(item) }
        more += list
      }
      if more.count == items.count { return count }
      let batches = wanted.prune(try tx.batches(containing: wanted.dots))
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
    evidence = demand.prune(try tx.batches(containing: demand.dots))
  }
}
