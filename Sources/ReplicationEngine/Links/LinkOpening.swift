package import ReplicationCore

/// What a link machine must know of the store before the first frame, read in one transaction.
package struct LinkOpening: Sendable, Hashable {
  /// One lane of it.
  package struct LaneOpening: Sendable, Hashable {
    /// First kept and next position of this node's own feed.
    package var feed: Range<UInt64>
    /// The next index of this node's own chain.
    package var nextIndex: UInt64
    /// The durable state of the link.
    package var state: LaneState
    /// The highest index held of the peer's own chain, in the incarnation before `freeIncarnation`; 0: none.
    package var held: UInt64

    package init(feed: Range<UInt64>, nextIndex: UInt64, state: LaneState, held: UInt64 = 0) {
      self.feed = feed
      self.nextIndex = nextIndex
      self.state = state
      self.held = held
    }
  }

  package var incarnation: UInt32
  /// The peer's incarnation as it was at the last hello; 0: never met.
  package var peerIncarnation: UInt32
  /// The lowest incarnation of the peer that this node never heard of.
  package var freeIncarnation: UInt32
  package var bulk: LaneOpening
  package var urgent: LaneOpening
  package var policyEpoch: UInt64
  package var catalogEpoch: UInt64

  package init(
    incarnation: UInt32, peerIncarnation: UInt32, freeIncarnation: UInt32? = nil,
    bulk: LaneOpening, urgent: LaneOpening, policyEpoch: UInt64, catalogEpoch: UInt64
  ) {
    self.incarnation = incarnation
    self.peerIncarnation = peerIncarnation
    self.freeIncarnation = freeIncarnation ?? peerIncarnation + 1
    self.bulk = bulk
    self.urgent = urgent
    self.policyEpoch = policyEpoch
    self.catalogEpoch = catalogEpoch
  }

  /// One lane.
  package subscript(lane: Lane) -> LaneOpening { lane == .bulk ? bulk : urgent }

  /// Reads it. Takes the lane heads' locks: call it in a short write transaction.
  package init(peer: NodeID, policyEpoch: UInt64, in tx: any StoreTransaction) throws {
    let link = try tx.link(peer)
    let known = try tx.knownIncarnation(of: peer)
    func lane(_ lane: Lane) throws -> (LaneOpening, UInt32) {
      let chain = try tx.chain(lane)
      var held = try tx.headerEvidence(Replica(node: peer, incarnation: known, lane: lane))
      if link.peerIncarnation == known { held = max(held, link[lane].peerChainIndex) }
      let opening = LaneOpening(
        feed: try tx.feedBounds(lane), nextIndex: chain.nextIndex, state: link[lane], held: held)
      return (opening, chain.incarnation)
    }
    let (bulk, incarnation) = try lane(.bulk)
    let catalog = try tx.documents().last { $0.kind == .catalog }
    self.init(
      incarnation: incarnation, peerIncarnation: link.peerIncarnation,
      freeIncarnation: known == .max ? .max : known + 1, bulk: bulk, urgent: try lane(.urgent).0,
      policyEpoch: policyEpoch, catalogEpoch: catalog?.epoch ?? 0)
  }
}
