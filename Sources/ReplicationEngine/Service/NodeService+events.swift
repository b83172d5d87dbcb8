package import ReplicationCore
import Synchronization
import SignedFeed

extension NodeService: LinkEvents {
  package var engine: (any LinkEngine)? { state.withLock { $0.engine } }
  package var heads: FeedHeads { state.withLock { $0.heads } }
  package var moment: Moment {
    let now = self.now()
    return state.withLock {
      Moment(now: now, offset: $0.parentClock.offset(tolerance: settings.clockTolerance))
    }
  }
  package var unsealed: UInt64 { state.withLock { $0.unsealed } }

  package func greeted(_ peer: NodeID, role: LinkRole, clock: Int64) {
    heard(peer, role: role, clock: clock)
    log(.linkUp(peer))
    fitted(role)
  }

  package func heard(_ peer: NodeID, role: LinkRole, clock: Int64) {
    guard role == .parent else { return }
    let now = self.now()
    state.withLock { $0.parentClock.heard(clock, now: now) }
  }

  package func feedGrew(_ heads: FeedHeads) {
    state.withLock { state in
      state.heads.bulk = max(state.heads.bulk, heads.bulk)
      state.heads.urgent = max(state.heads.urgent, heads.urgent)
    }
    for session in board.sessions { session.feedGrew(heads) }
  }

  package func admit(_ weight: ParcelWeight, from peer: NodeID) throws(LinkRefusal) {
    try board.admit(weight, from: peer, limits: settings.link.intake, now: now())
  }

  package func shouldRecord(_ refusal: LinkRefusal, from peer: NodeID) -> Bool {
    board.shouldRecord(refusal, from: peer)
  }

  package func leftOut(_ refs: Set<RecordRef>, for peer: NodeID) {
    log(.unproved(peer, refs.sorted()))
  }

  package func concluded(_ comparison: LinkComparison, by peer: NodeID) {
    // A peer that says the same again and again fills no log.
    let isNews = board.compared(peer, comparison, now: now())
    if isNews, comparison.different > 0 { log(.linkDiffers(peer, comparison)) }
  }

  package func adopt(_ documents: [SignedDocument], from peer: NodeID) async throws {
    for document in documents {
      do {
        try authority.check(document)
      } catch {
        throw LinkRefusal(
          .documentRefused,
          "\(peer) sent a \(document.kind) of epoch \(document.epoch) that does not verify: \(error)",
          position: document.epoch)
      }
    }
    // Kept first: what cannot be adopted today is adopted by a newer program at its start.
    let newest = try await store.write { tx in
      for document in documents {
        let known = try tx.documents().contains {
          $0.kind == document.kind && $0.epoch >= document.epoch
        }
        if !known { try tx.keepDocument(document) }
      }
      return try tx.documents()
    }
    try await adopt(stored: newest, from: peer)
    for document in documents { log(.adopted(document.kind, epoch: document.epoch)) }
  }

  /// Makes the rules of stored documents the current ones and tells every link. For the daemon after it has stored documents of its own (`peer` nil).
  package func adopt(stored documents: [SignedDocument], from peer: NodeID? = nil) async throws {
    let engine = try await adoption.adopt(documents)
    let catalog = documents.last { $0.kind == .catalog }?.epoch ?? 0
    let old = state.withLock { $0.engine?.policyEpoch ?? 0 }
    let moment = self.moment
    let heads = try await store.write { tx in
      try engine?.succeed(old, from: peer, at: moment, in: tx)
      return try FeedHeads(in: tx)
    }
    if let engine { state.withLock { $0.engine = engine } }
    for session in board.sessions {
      session.adopted(policyEpoch: engine?.policyEpoch ?? 0, catalogEpoch: catalog)
    }
    feedGrew(heads)
    sealWake.signal()
  }
}
