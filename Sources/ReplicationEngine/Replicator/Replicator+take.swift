import ReplicationCore
import SignedFeed

extension Replicator {
  /// Lets items take effect, set-based: one load, one save, one append.
  func take(
    _ items: ArraySlice<Item>, of delivery: Delivery, _ outcome: inout ReceiveOutcome,
    _ tx: any StoreTransaction, _ moment: Moment, _ rng: inout some RandomNumberGenerator
  ) throws {
    let items = try holdable(items, of: delivery, &outcome, tx)
    try check(items, of: delivery)
    let refs = Set(items.compactMap(\.ref))
    let list = refs.sorted()
    let loaded = try tx.load(list, lock: true)
    var busy = loaded.busy
    for parked in try tx.parked(of: refs, limit: .max) {
      if let ref = parked.item.ref { busy.insert(ref) }
    }
    let free = busy.isEmpty ? list : list.filter { !busy.contains($0) }
    let captured = try tx.takeCaptured(of: free, limit: .max)
    let stored = try storedNews(items, of: delivery, loaded.records, tx)
    while true {
      var intake = Intake(
        self, delivery, stored, try Desk(self, delivery.lane, moment, loaded.records, tx))
      for write in captured { intake.desk.seal(write) }
      for item in items {
        guard let ref = item.ref else { continue }
        if busy.contains(ref) { intake.parked.append(item) } else { try intake.take(item, tx) }
      }
      let failed = try tx.save(intake.desk.changedRecords, creations: intake.desk.creations)
      if failed.isEmpty {
        try finish(&intake, &outcome, tx, &rng)
        let arrivals = intake.arrivals(loaded.records)
        if !arrivals.isEmpty { try tx.noteArrivals(arrivals) }
        return
      }
      busy.formUnion(failed)
    }
  }

  private func finish(
    _ intake: inout Intake, _ outcome: inout ReceiveOutcome, _ tx: any StoreTransaction,
    _ rng: inout some RandomNumberGenerator
  ) throws {
    try tx.keep(delivered: intake.neededEvidence)
    for item in intake.parked {
      try tx.park(
        ParkedItem(
          peer: intake.delivery.peer, item: item, acknowledged: intake.delivery.acknowledged))
    }
    for item in intake.quarantined { try tx.quarantine(item) }
    for ref in intake.desk.changed { outcome.ledgers.insert(ref.ledger) }
    for creation in intake.desk.creations { outcome.ledgers.insert(creation.ref.ledger) }
    outcome.applied += intake.applied
    outcome.parked += intake.parked.count
    outcome.refused += intake.quarantined.count
    if !intake.desk.entries.isEmpty { outcome.lanes.insert(intake.desk.lane) }
    try intake.desk.flush(tx, using: &rng)
  }

  /// What no honest peer sends: nothing of the parcel takes effect.
  private func check(_ items: ArraySlice<Item>, of delivery: Delivery) throws(ParcelError) {
    for item in items {
      guard let ref = item.ref else { continue }
      guard policy.lane(of: ref.ledger) == delivery.lane else {
        throw ParcelError(.wrongLane, "\(ref) on the lane \(delivery.lane.name)")
      }
      if case .withdrawal = item, delivery.peer != parent, delivery.peer != node {
        throw ParcelError(
          .withdrawalFromBelow, "\(delivery.peer) withdrew \(ref): only the parent may")
      }
    }
  }

  /// What entries of these records carried that the peer has not acknowledged and that did not come from it.
  private func storedNews(
    _ items: ArraySlice<Item>, of delivery: Delivery, _ known: [RecordRef: Record],
    _ tx: any StoreTransaction
  ) throws -> [RecordRef: [Entry]] {
    // Of what this node has never heard of, its feed says nothing.
    var refs = Set<RecordRef>()
    for case .state(let ref, _, _, _) in items where known[ref] != nil { refs.insert(ref) }
    if refs.isEmpty { return [:] }
    let from = delivery.acknowledged
    var result: [RecordRef: [Entry]] = [:]
    for (_, entry) in try tx.entries(of: refs, in: delivery.lane, from: from) {
      guard let ref = entry.ref, entry.payloadSide != nil else { continue }
      if entry.payloadSide == .link(delivery.peer) { continue }
      result[ref, default: []].append(entry)
    }
    return result
  }
}

extension Entry {
  /// From where the values came that the entry carries; nil when it carries none.
  var payloadSide: Side? {
    switch self {
    case .change(_, _, _, _, _, let side): side
    case .state(_, _, _, _, let from), .relay(_, _, _, _, let from),
      .relayState(_, _, _, let from):
      .link(from)
    case .policy, .withdrawTo, .answer, .withdrawn: nil
    }
  }
}
