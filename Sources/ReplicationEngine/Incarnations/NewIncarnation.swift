import ReplicationCore
import SignedFeed

/// What a peer's hello shows of this node's own past: this node gave out more than it remembers.
package struct OwnPast: Sendable, Hashable {
  /// The lowest incarnation of this node that the peer never heard of.
  package let freeIncarnation: UInt32
  /// For operators; no value of a record.
  package let detail: String
}

extension LaneState {
  /// The same lane when one end began anew: a catch-up by state is owed to this end; what the peer had not acknowledged is sent after the one it is owed in turn.
  ///
  /// - Parameter keepsChain: the peer's own chain goes on; false: it begins anew.
  func owingState(acknowledged: UInt64, keepsChain: Bool) -> LaneState {
    var state = LaneState()
    state.acknowledged = acknowledged
    state.catchUpPosition = 0
    if keepsChain {
      state.peerChainIndex = peerChainIndex
      state.peerChainDigest = peerChainDigest
    }
    return state
  }
}

/// Begins a new incarnation of this node, in one transaction: its chains start again at index 1, and a catch-up by state is owed on every link in both directions.
///
/// Records stay, and so do local writes that are not sealed: they are sealed under the new incarnation. Positions of the feed go on
/// where they are, and what a peer had not acknowledged goes to it after its catch-up.
package func beginAnew(_ incarnation: UInt32, _ tx: any StoreTransaction) throws {
  for lane in Lane.allCases {
    let old = try tx.chain(lane)
    precondition(old.incarnation < incarnation, "incarnations only rise")
    try tx.setChain(
      ChainHead(incarnation: incarnation, nextIndex: 1, previous: .zero), lane)
  }
  for peer in try tx.peers() {
    var link = try tx.link(peer)
    for lane in Lane.allCases {
      link[lane] = link[lane].owingState(
        acknowledged: link[lane].acknowledged, keepsChain: true)
    }
    try tx.setLink(link, peer)
  }
}

extension StoreTransaction {
  /// The highest incarnation of a peer that this node ever heard of, from its hellos and from signed batches; 0: none.
  func knownIncarnation(of peer: NodeID) throws -> UInt32 {
    max(try link(peer).peerIncarnation, try highestIncarnation(of: peer))
  }
}
