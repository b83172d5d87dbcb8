import ReplicationCore
import SignedFeed

extension Replicator {
  /// Follows the chain of a child's own batches: the first hop sees every header.
  ///
  /// A batch that proves an older or a later value is no link of the chain; but a change that comes as such must lie in a batch that is.
  func checkChain(
    _ parcel: Parcel, from peer: NodeID, _ link: inout LinkState
  ) throws(ParcelError) {
    guard peer != parent else { return }
    var isCatchUp = false
    if case .catchUp = parcel.span { isCatchUp = true }
    var state = link[parcel.lane]
    let incarnation = link.peerIncarnation
    func isOwn(_ replica: Replica) -> Bool {
      replica.node == peer && (incarnation == 0 || replica.incarnation == incarnation)
    }
    for batch in parcel.evidence where isOwn(batch.header.replica) {
      let header = batch.header
      let continues =
        header.previous == state.peerChainDigest
        && header.firstIndex == state.peerChainIndex + 1
      guard continues || (isCatchUp && header.firstIndex > state.peerChainIndex) else { continue }
      state.peerChainIndex = header.lastIndex
      state.peerChainDigest = batch.digest
    }
    for case .change(let ref, let dot, _, let isPayload) in parcel.items
    where !isPayload && isOwn(dot.replica) && dot.index > state.peerChainIndex {
      throw ParcelError(
        .brokenChain,
        "\(dot) of \(ref): the chain of \(peer) is known to index \(state.peerChainIndex)")
    }
    link[parcel.lane] = state
  }

  /// Takes out batches whose indexes another signed batch of the same replica has already: two histories were signed.
  func dropEquivocations(
    _ delivery: inout Delivery, _ outcome: inout ReceiveOutcome, _ tx: any StoreTransaction
  ) throws {
    var probes = Set<Dot>()
    for batch in delivery.pool.batches {
      probes.insert(Dot(batch.header.replica, batch.header.firstIndex))
      probes.insert(Dot(batch.header.replica, batch.header.lastIndex))
      for end in [batch.shown.first, batch.shown.last] {
        if let end { probes.insert(Dot(batch.header.replica, end.index)) }
      }
    }
    if probes.isEmpty { return }
    var known: [Replica: [SignedBatch]] = [:]
    for batch in try tx.batches(containing: probes) {
      known[batch.header.replica, default: []].append(batch)
    }
    if known.isEmpty { return }
    var kept: [SignedBatch] = []
    for batch in delivery.pool.batches {
      let rival = known[batch.header.replica]?.first {
        $0.header.indexes.overlaps(batch.header.indexes) && $0.digest != batch.digest
      }
      guard let rival else {
        kept.append(batch)
        continue
      }
      outcome.refused += 1
      try tx.quarantine(
        QuarantinedItem(
          peer: delivery.peer, ref: nil,
          dot: Dot(batch.header.replica, batch.header.firstIndex), code: "equivocation",
          detail: "\(batch.header.replica) signed indexes \(batch.header.indexes) twice: "
            + "\(rival.digest) is held, \(batch.digest) came",
          proof: proof(batch)))
      delivery.refusedBatches.append(batch.header)
    }
    if kept.count < delivery.pool.batches.count { delivery.pool = EvidencePool(kept) }
  }
}

extension StoreTransaction {
  /// Keeps batches of a peer. Throws `ParcelError` where one says something else than the copy that is kept: its author signed two leaves for one field.
  func keep(delivered batches: [SignedBatch]) throws {
    do {
      try keep(batches)
    } catch let error as FeedError {
      throw ParcelError(.badBatch, error.description)
    }
  }
}

extension Delivery {
  /// Whether the batch of a dot was refused, so that items that need it are left out.
  func isRefused(_ dot: Dot) -> Bool {
    refusedBatches.contains {
      $0.replica == dot.replica && $0.indexes.contains(dot.index)
    }
  }
}
