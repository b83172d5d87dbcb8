package import ReplicationCore
import SignedFeed

extension Replicator {
  /// The state of a link when the peer has said which incarnation it is.
  ///
  /// A new one begins its feed anew, and what it wrote before comes by state: `catchUpPosition` 0 says that a catch-up is owed to this node.
  /// What it had not acknowledged is sent again after the catch-up that it is owed in turn.
  package func greet(
    _ peer: NodeID, incarnation: UInt32, _ tx: any StoreTransaction
  ) throws -> LinkState {
    var link = try tx.link(peer)
    if link.peerIncarnation == incarnation { return link }
    if link.peerIncarnation != 0 {
      for lane in Lane.allCases {
        link[lane] = link[lane].owingState(
          acknowledged: link[lane].acknowledged, keepsChain: false)
      }
    }
    link.peerIncarnation = incarnation
    try tx.setLink(link, peer)
    return link
  }

  /// The peer has durably processed this feed up to `position`.
  ///
  /// - Parameter archived: what the acknowledged projections said is to be archived; nil when that is not known any more (a restart): it is then found again.
  package func acknowledged(
    _ archived: [ArchivedItem]?, by peer: NodeID, _ lane: Lane, position: UInt64,
    _ tx: any StoreTransaction
  ) throws {
    var link = try tx.link(peer)
    let known = link[lane].acknowledged
    guard position > known else { return }
    let bounds = try tx.feedBounds(lane)
    guard position <= bounds.upperBound else {
      throw ParcelError(
        .aheadOfFeed,
        "\(peer) acknowledged \(position) of the \(lane.name) feed, which ends at "
          + "\(bounds.upperBound): was this node restored from a backup?")
    }
    var items = archived ?? []
    if archived == nil, known >= bounds.lowerBound {
      items = try projectedArchive(to: peer, lane, known..<position, tx)
    }
    try archive(items, tx)
    link[lane].acknowledged = position
    try tx.setLink(link, peer)
  }

  private func projectedArchive(
    to peer: NodeID, _ lane: Lane, _ range: Range<UInt64>, _ tx: any StoreTransaction
  ) throws -> [ArchivedItem] {
    var items: [ArchivedItem] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let limit = Int(min(range.upperBound - position, 1000))
      let projection = try project(
        to: peer, lane: lane, from: position, maximumBytes: .max, maximumEntries: limit, tx)
      items += projection.archived
      guard case .feed(_, let next) = projection.parcel.span, next > position else {
        position += 1
        continue
      }
      position = next
    }
    return items
  }
}
