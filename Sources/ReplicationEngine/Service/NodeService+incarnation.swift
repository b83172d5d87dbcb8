import ReplicationCore
import SignedFeed
import Synchronization

extension NodeService {
  /// How often one peer may make this node begin anew while its process lives. A parent's word counts more: what it wants of its child it can have anyway.
  static func wordsTaken(of role: LinkRole) -> Int { role == .parent ? 4 : 1 }

  /// A peer's word may raise the incarnation by no more than this at once.
  private static var longestStep: UInt32 { 1 << 20 }

  /// Whether committed writes of applications may be signed now; why not.
  package var sealingRight: SealingRight { state.withLock { $0.sealing } }

  /// Compares the high-water file with the database, before any link is open. `used`: the highest incarnation of this node in the evidence.
  func examine(_ own: HighWater, used: UInt32) async throws {
    guard keeper.hasFile else { return }
    guard let kept = try keeper.load() else {
      // An empty database may be a new node as well as a lost disk: a neighbour knows.
      state.withLock {
        $0.sealing = settings.parent == nil ? .waitingForChild : .waitingForParent
      }
      return
    }
    guard kept.isAhead(of: own) || used > own.incarnation else {
      try await keeper.keep(own)
      return
    }
    let next = max(kept.incarnation, own.incarnation, used) + 1
    try await begin(next, because: "the high-water file is ahead of the database")
  }

  /// A neighbour's hello fitted what the database remembers.
  func fitted(_ role: LinkRole) {
    let isGranted = state.withLock { state -> Bool in
      switch (state.sealing, role) {
      case (.waitingForParent, .parent), (.waitingForChild, .child):
        state.sealing = .granted
        return true
      default: return false
      }
    }
    if isGranted { sealWake.signal() }
  }

  /// The root of a tree that nobody dials is at its very beginning.
  func grantAfterPatience() async throws {
    try await clock.sleep(for: settings.rootPatience)
    fitted(.child)
    try await Wakeup().wait()
  }

  package func secure(_ mark: HighWater) async throws { try await keeper.secure(mark) }

  package func restored(_ past: OwnPast, by session: LinkSession) async throws -> Bool {
    let peer = session.peer
    let isMine = state.withLock { state -> Bool? in
      if state.sealing == .renumbering { return false }
      guard state.words[peer, default: 0] < Self.wordsTaken(of: session.role) else { return nil }
      state.words[peer, default: 0] += 1
      state.sealing = .renumbering
      return true
    }
    guard let isMine else { return false }
    guard isMine else { return true }
    let bye = Bye(code: "renumbered", hint: "\(settings.node) begins a new incarnation")
    do {
      try await endSessions(sparing: session, bye)
      let (own, used) = try await standing()
      let asked = min(past.freeIncarnation, own.incarnation + Self.longestStep)
      try await begin(max(asked, own.incarnation + 1, used + 1), because: past.detail)
      // Those that came in between began with the old one.
      try await endSessions(sparing: session, bye)
    } catch {
      state.withLock {
        $0.sealing = settings.parent == nil ? .waitingForChild : .waitingForParent
      }
      throw error
    }
    state.withLock { $0.sealing = .granted }
    sealWake.signal()
    return true
  }

  /// Where the database stands, and the highest incarnation of this node that anything in it tells of.
  func standing() async throws -> (own: HighWater, used: UInt32) {
    let node = settings.node
    return try await store.read { tx in
      (try HighWater(in: tx), try tx.highestIncarnation(of: node))
    }
  }

  private func begin(_ incarnation: UInt32, because reason: String) async throws {
    let (heads, own) = try await store.write { tx in
      try beginAnew(incarnation, tx)
      return (try FeedHeads(in: tx), try HighWater(in: tx))
    }
    state.withLock { $0.heads = heads }
    try await keeper.keep(own)
    log(.renumbered(incarnation, reason))
  }

  /// Ends all links but one, and waits until none of them has a transaction open.
  private func endSessions(sparing spared: LinkSession, _ bye: Bye) async throws {
    for session in board.sessions where session !== spared { session.stop(bye) }
    let step = Duration.milliseconds(5)
    var waited = Duration.zero
    while board.sessions.contains(where: { $0 !== spared }), waited < settings.drainLimit {
      for session in board.sessions where session !== spared { session.stop(bye) }
      try await clock.sleep(for: step)
      waited += step
    }
  }

  /// Writes down how far the feed has come although nothing was signed: positions of what was relayed.
  func keepPositions() async {
    let isNews = state.withLock { $0.sealing == .granted && $0.keptHeads != $0.heads }
    guard keeper.hasFile, isNews else { return }
    do {
      let own = try await standing().own
      try await keeper.keep(own)
      let heads = FeedHeads(bulk: own.bulk.position, urgent: own.urgent.position)
      state.withLock { $0.keptHeads = heads }
    } catch {
      log(.highWaterFailed("\(error)"))
    }
  }
}
