import PeerLink
import ReplicationCore
import Synchronization

extension NodeService {
  /// Keeps the link with the parent: dials, and dials again.
  func dial(_ parent: NodeID, _ dialer: any PeerDialer) async throws {
    var backoff = Backoff(settings.backoff)
    while !Task.isCancelled, !state.withLock({ $0.isStopping }) {
      if board.isPaused(parent) {
        try await dialWake.wait()
        continue
      }
      let began = Lifetime(now: now)
      var failure: String?
      do {
        try await dialer.connect { channel in await self.carry(channel, role: .parent) }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        let end = (error as? PeerLinkError).map(LinkEnd.init(channel:)) ?? .broken("\(error)")
        failure = end.reason
        board.failed(parent, end)
      }
      if began.elapsed >= settings.healthyAfter { backoff.reset() }
      let wait = state.withLock { backoff.next(using: &$0.random) }
      if let failure { log(.dialFailed(parent, failure, retryIn: wait)) }
      if state.withLock({ $0.isStopping }) { return }
      try await clock.sleep(for: wait)
    }
  }

  /// A child's channel, until it ends.
  func accept(_ channel: any PeerChannel) async {
    guard !state.withLock({ $0.isStopping }) else { return }
    guard settings.node.mayBeParent(of: channel.peer) else {
      let refusal = LinkRefusal(
        .notRelated, "\(channel.peer) is not a child of \(settings.node)")
      log(.refusedChannel(channel.peer, refusal.detail))
      try? await channel.send(Frame.refusal(refusal).encoded())
      return
    }
    board.know(channel.peer, role: .child)
    guard sealingRight != .waitingForParent else {
      // What a child sends may have to be answered by a change of this node's own.
      let bye = Bye(
        code: "waiting", hint: "\(settings.node) waits for its parent before it may sign anything")
      try? await channel.send(Frame.bye(bye).encoded())
      return
    }
    await carry(channel, role: .child)
  }

  /// Runs a session on a channel. A peer has one session: a new channel takes the place of the old, which is often dead without knowing.
  private func carry(_ channel: any PeerChannel, role: LinkRole) async {
    guard role == .child || channel.peer == settings.parent else {
      let refusal = LinkRefusal(
        .wrongIdentity,
        "dialled the parent and reached \(channel.peer): check the address in the settings")
      board.failed(settings.parent ?? channel.peer, .refused(refusal))
      log(.refusedChannel(channel.peer, refusal.detail))
      try? await channel.send(Frame.refusal(refusal).encoded())
      return
    }
    guard !board.isPaused(channel.peer) else {
      let refusal = LinkRefusal(.paused, "an operator of \(settings.node) holds the link")
      try? await channel.send(Frame.refusal(refusal).encoded())
      return
    }
    let context = LinkContext(
      node: settings.node, store: store, settings: settings.link, clock: clock, now: now,
      events: self)
    let session = LinkSession(channel: channel, role: role, context: context)
    let (generation, replaced) = board.begin(session)
    if let replaced {
      replaced.stop(Bye(code: "replaced", hint: "a newer channel of \(channel.peer) is open"))
      await replaced.ended()
    }
    let end = await session.run()
    board.end(session, generation: generation, end, now: now())
    lostForPlan(channel.peer)
    log(.linkEnded(channel.peer, end))
  }
}

/// How long something has lasted by the wall clock that the node was given.
private struct Lifetime {
  private let now: @Sendable () -> Int64
  private let began: Int64

  init(now: @escaping @Sendable () -> Int64) {
    self.now = now
    began = now()
  }

  var elapsed: Duration { .microseconds(max(0, now() - began)) }
}
