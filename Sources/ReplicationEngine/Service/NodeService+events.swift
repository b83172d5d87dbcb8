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

  package func mayErase() { trimWake.signal() }

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
}
