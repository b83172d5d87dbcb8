import ReplicationCore
import SignedFeed

extension Replicator {
  /// Tries parked items again, oldest first; what is still busy stays, with all that follows for its record.
  package func retryParked(
    _ tx: any StoreTransaction, limit: Int, at moment: Moment,
    using rng: inout some RandomNumberGenerator
  ) throws -> ReceiveOutcome {
    var outcome = ReceiveOutcome(position: 0)
    let waiting = try tx.parked(of: nil, limit: limit)
    guard !waiting.isEmpty else { return outcome }
    let loaded = try tx.load(Array(Set(waiting.compactMap(\.item.ref))).sorted(), lock: true)
    let ready = waiting.filter { parked in
      parked.item.ref.map { !loaded.busy.contains($0) } ?? true
    }
    if ready.isEmpty { return outcome }
    try tx.unpark(ready.map(\.id))
    var rest = ready[...]
    while let first = rest.first {
      guard let ref = first.item.ref else {
        rest.removeFirst()
        continue
      }
      let lane = policy.lane(of: ref.ledger)
      let run = rest.prefix {
        $0.peer == first.peer && $0.acknowledged == first.acknowledged
          && $0.item.ref.map { policy.lane(of: $0.ledger) } == lane
      }
      rest = rest.dropFirst(run.count)
      var demand = EvidenceDemand()
      for parked in run { demand.add(parked.item) }
      let batches = demand.prune(try tx.batches(containing: demand.dots))
      let pool = EvidencePool(batches.map { $0.closing(closings(in: $0)) })
      let delivery = Delivery(
        peer: first.peer, lane: lane, acknowledged: first.acknowledged, pool: pool)
      try take(run.map(\.item)[...], of: delivery, &outcome, tx, moment, &rng)
      try noteWaited(run, lane, tx)
      if first.peer == node { continue }
      // Acknowledged long ago: the peer will not send it again, and must hear what came of it.
      let refs = Set(run.compactMap(\.item.ref)).sorted()
      _ = try tx.append(refs.map { .answer($0, to: first.peer) }, to: lane)
      outcome.lanes.insert(lane)
    }
    return outcome
  }

  /// The values that waiting items kept: those that took no effect are erased when every link has acknowledged these entries.
  private func noteWaited(
    _ run: ArraySlice<ParkedItem>, _ lane: Lane, _ tx: any StoreTransaction
  ) throws {
    let entries = run.compactMap { parked -> Entry? in
      guard let ref = parked.item.ref, let gone = parked.item.payload else { return nil }
      return .withdrawn(
        ref, fields: [], gone: gone, before: .notHeld, after: .notHeld, from: node)
    }
    if !entries.isEmpty { _ = try tx.append(entries, to: lane) }
  }
}

extension Item {
  /// The values that the item brings; nil when it brings none.
  fileprivate var payload: [FieldDots]? {
    switch self {
    case .change(_, let dot, let fields, _): fields.members.map { FieldDots($0, [dot]) }
    case .state(_, let siblings, _, _): siblings
    case .withdrawal, .policy: nil
    }
  }
}
