package import ReplicationCore
package import SignedFeed

extension Replicator {
  /// A part of a catch-up by state: what is released of the records in view, ascending by ref, as much as fits.
  ///
  /// - Parameters:
  ///   - after: the last record that the peer has; nil: from the first.
  ///   - start: the position that the feed had when the catch-up began: there the peer goes on.
  ///   - done: how many records were looked at before; 0 with an `after`: to be counted, an earlier channel sent them.
  package func catchUp(
    to peer: NodeID, lane: Lane, after: RecordRef?, start: UInt64, done: UInt64 = 0,
    maximumBytes: Int, knownSigners: Set<Digest> = [], _ tx: any StoreTransaction
  ) throws -> Projection {
    if let after, let obstacle = tx.obstacle(to: after) {
      throw ParcelError(.malformedParcel, "\(peer) stands at \(after), which \(obstacle.words)")
    }
    let projector = projector(to: peer)
    var parts = Parts(self, projector, maximumBytes: maximumBytes)
    let resume = try walk(lane, after: after, tx, &parts) { ref, record, ledger in
      projector.catchUp(ref, record, projector.ledger(ledger)).map { [$0] } ?? []
    }
    if resume == nil, peer == parent {
      let head = try tx.chain(lane)
      if head.nextIndex > 1 {
        let own = Replica(node: node, incarnation: head.incarnation, lane: lane)
        try parts.require(header: Dot(own, head.nextIndex - 1), tx)
      }
    }
    var total: UInt64 = 0
    for ledger in ledgers(of: lane) { total += try tx.count(ledger) }
    var seen = done + parts.visited
    if done == 0, let after {
      for ledger in ledgers(of: lane) where ledger <= after.ledger {
        seen +=
          ledger < after.ledger
          ? try tx.count(ledger) : try tx.count(ledger, through: after.key)
      }
    }
    let span = Parcel.Span.catchUp(
      start: start, last: resume, done: seen, total: max(total, seen), isComplete: resume == nil)
    return Projection(
      try parcels(
        lane, span, before: after, parts.items, parts.evidence, within: maximumBytes,
        knownSigners, tx))
  }
}
