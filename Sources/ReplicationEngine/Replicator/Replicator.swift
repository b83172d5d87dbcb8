package import ReplicationCore
package import SignedFeed

/// The compiled policies that a node knows, by epoch.
package protocol PolicyShelf: Sendable {
  /// The policy of an epoch; nil when its document never came here or was forgotten.
  func policy(_ epoch: UInt64) -> (any SharingPolicy)?
  /// The epochs above one of which there is a policy here, ascending.
  func epochs(after epoch: UInt64) -> [UInt64]
}

/// Turns the rules into transactions: seals local writes, receives parcels, projects the feed to a peer.
///
/// Synchronous and deterministic: clock and randomness are given in, all state is the store's.
package struct Replicator: Sendable {
  package let node: NodeID
  /// Nil at the region.
  package let parent: NodeID?
  package let signer: any BatchSigner
  package let policies: any PolicyShelf
  /// The current policy.
  package var policy: any SharingPolicy
  /// Every ledger of the catalog.
  package var ledgers: [LedgerID]
  package var catalogEpoch: UInt64

  package init(
    node: NodeID, parent: NodeID?, signer: any BatchSigner, policy: any SharingPolicy,
    policies: any PolicyShelf, ledgers: [LedgerID], catalogEpoch: UInt64 = 1
  ) {
    self.node = node
    self.parent = parent
    self.signer = signer
    self.policy = policy
    self.policies = policies
    self.ledgers = ledgers
    self.catalogEpoch = catalogEpoch
  }

  /// The ledgers of a lane.
  func ledgers(of lane: Lane) -> [LedgerID] {
    ledgers.filter { policy.lane(of: $0) == lane }.sorted()
  }

  func projector(to peer: NodeID) -> Projector {
    Projector(node: node, peer: peer, isUp: peer == parent, policy: policy)
  }
}

/// When something happens here.
package struct Moment: Sendable, Hashable {
  /// Microseconds since 1970 UTC by this machine's clock.
  package let now: Int64
  /// Microseconds to add to come to the parent's clock; 0 while the parent was never heard.
  package let offset: Int64
  package init(now: Int64, offset: Int64 = 0) {
    self.now = now
    self.offset = offset
  }
  /// By the parent's clock.
  package var adjusted: Int64 { adjusting(now) }
  /// A time of this machine's clock by the parent's, within what a change's time may be.
  package func adjusting(_ time: Int64) -> Int64 {
    let (sum, isOver) = time.addingReportingOverflow(offset)
    return min(max(isOver ? time : sum, Change.times.lowerBound), Change.times.upperBound)
  }
}
