package import ReplicationCore
import SignedFeed

/// What receiving a parcel did.
package struct ReceiveOutcome: Sendable, Hashable {
  /// The next position wanted of the peer's feed: to be acknowledged once the transaction has committed.
  package var position: UInt64
  /// While a catch-up is under way: the last record processed.
  package var catchUpLast: RecordRef?
  /// It was received before: nothing happened.
  package var isReplay = false
  package var ledgers: Set<LedgerID> = []
  package var applied = 0
  package var parked = 0
  package var refused = 0
  /// A policy was adopted: the caller replaces the replicator's once the transaction has committed.
  package var adopted: UInt64?
  /// Lanes whose feed grew.
  package var lanes: Set<Lane> = []

  init(position: UInt64) { self.position = position }
}

extension Replicator {
  /// Receives a parcel in one transaction: items take effect, and the position moves with them.
  ///
  /// Throws `ParcelError` when the peer is at fault: nothing took effect, and the link is to be ended.
  package func receive(
    _ verified: VerifiedParcel, from peer: NodeID, _ tx: any StoreTransaction, at moment: Moment,
    using rng: inout some RandomNumberGenerator
  ) throws -> ReceiveOutcome {
    let parcel = verified.parcel
    if case .catchUp(_, let last?, _, _, _) = parcel.span, let obstacle = tx.obstacle(to: last) {
      throw ParcelError(.malformedParcel, "a catch-up up to \(last), which \(obstacle.words)")
    }
    var link = try tx.link(peer)
    var outcome = ReceiveOutcome(position: link[parcel.lane].received)
    guard try isNext(parcel, link[parcel.lane], peer) else {
      outcome.isReplay = true
      return outcome
    }
    try checkEpochs(parcel, from: peer)
    try checkChain(parcel, from: peer, &link)
    for signer in parcel.signers { try tx.keepSigner(signer) }
    for document in parcel.documents { try tx.keepDocument(document) }
    var current = self
    var delivery = Delivery(peer: peer, parcel: parcel, link: link[parcel.lane])
    try current.dropEquivocations(&delivery, &outcome, tx)
    if parcel.items.isEmpty {
      try tx.keep(delivered: delivery.pool.batches.map { $0.pruned(to: [:]) })
    }
    var rest = parcel.items[...]
    while !rest.isEmpty {
      let end = rest.firstIndex { $0.ref == nil } ?? rest.endIndex
      if end > rest.startIndex {
        try current.take(rest[rest.startIndex..<end], of: delivery, &outcome, tx, moment, &rng)
      }
      if end < rest.endIndex, case .policy(let epoch) = rest[end] {
        try current.adoptAnnounced(epoch, from: peer, &outcome, tx, moment, &rng)
      }
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    advance(&link[parcel.lane], parcel.span, &outcome)
    try tx.setLink(link, peer)
    return outcome
  }

  /// Whether a parcel is the next of its lane; false: a replay. Throws when something is missing before it.
  private func isNext(
    _ parcel: Parcel, _ state: LaneState, _ peer: NodeID
  ) throws(ParcelError) -> Bool {
    guard case .feed(let from, let next) = parcel.span else { return true }
    if next < state.received || (next == state.received && next > from) { return false }
    guard from == state.received else {
      throw ParcelError(
        .gapInFeed,
        "\(peer) sent its \(parcel.lane.name) feed from \(from), wanted is \(state.received)")
    }
    return true
  }

  /// Changes signed under a policy that has not come here yet cannot be judged: they wait, with the link, until it has.
  private func checkEpochs(_ parcel: Parcel, from peer: NodeID) throws(ParcelError) {
    for batch in parcel.evidence where batch.header.policyEpoch > policy.epoch {
      guard policies.policy(batch.header.policyEpoch) == nil else { continue }
      throw ParcelError(
        .unknownPolicy,
        "\(peer) sent changes signed under policy epoch \(batch.header.policyEpoch), "
          + "which has not come here yet: they are taken when it has")
    }
  }

  private func advance(
    _ state: inout LaneState, _ span: Parcel.Span, _ outcome: inout ReceiveOutcome
  ) {
    switch span {
    case .feed(_, let next):
      state.received = next
    case .catchUp(let start, let last, _, _, let isComplete):
      if isComplete {
        state.received = start
        state.catchUpPosition = nil
        state.catchUpLast = nil
      } else {
        state.catchUpPosition = start
        state.catchUpLast = last
        outcome.catchUpLast = last
      }
    }
    outcome.position = state.received
  }

  private mutating func adoptAnnounced(
    _ epoch: UInt64, from peer: NodeID, _ outcome: inout ReceiveOutcome,
    _ tx: any StoreTransaction, _ moment: Moment, _ rng: inout some RandomNumberGenerator
  ) throws {
    guard peer == parent else {
      throw ParcelError(.unknownPolicy, "a policy came from \(peer), which is not the parent")
    }
    guard epoch > policy.epoch else { return }
    try adopt(epoch, from: .link(peer), tx, at: moment, using: &rng)
    outcome.adopted = epoch
    outcome.lanes = Set(Lane.allCases)
  }
}

/// A parcel on its way into the store.
struct Delivery {
  let peer: NodeID
  let lane: Lane
  /// The policy under which the sender projected; nil when that is not known (parked items).
  let policyEpoch: UInt64?
  /// The position up to which the peer had acknowledged this node's feed when it sent this.
  let acknowledged: UInt64
  /// It is a part of a catch-up by state.
  let isCatchUp: Bool
  var pool: EvidencePool
  /// Headers of batches that contradict what is held.
  var refusedBatches: [BatchHeader] = []

  init(peer: NodeID, parcel: Parcel, link: LaneState) {
    self.peer = peer
    lane = parcel.lane
    policyEpoch = parcel.policyEpoch
    acknowledged = link.acknowledged
    if case .catchUp = parcel.span { isCatchUp = true } else { isCatchUp = false }
    pool = EvidencePool(parcel.evidence)
  }

  init(peer: NodeID, lane: Lane, acknowledged: UInt64, pool: EvidencePool) {
    self.peer = peer
    self.lane = lane
    policyEpoch = nil
    self.acknowledged = acknowledged
    isCatchUp = false
    self.pool = pool
  }
}
