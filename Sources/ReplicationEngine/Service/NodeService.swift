package import PeerLink
package import ReplicationCore
import SignedFeed
import Synchronization
import SeededRandom

/// Runs a node: seals what applications write, keeps the links, tries again what waits, forgets what all have.
///
/// It opens no socket and no database itself: the store, the dialer and the listener are given.
package final class NodeService: Sendable {
  package let settings: NodeSettings
  package let board: LinkBoard
  let store: any ChangeStore
  let dialer: (any PeerDialer)?
  let listener: (any PeerListener)?
  let authority: any DocumentAuthority
  let adoption: any DocumentAdoption
  package let signers: SignerCache
  let clock: any Clock<Duration>
  /// Microseconds since 1970 UTC.
  let now: @Sendable () -> Int64
  let log: @Sendable (NodeNote) -> Void
  /// This node's own key for hand-overs, signed.
  package let handoverKey: HandoverKey?
  let questions = HandoverQuestions()
  let plans = PlanDesk()
  let sealWake = Wakeup()
  let stopWake = Wakeup()
  let trimWake = Wakeup()
  /// Documents are adopted one after the other.
  let adoptions = OneAtATime()
  let keeper: HighWaterKeeper
  let dialWake = Wakeup()
  let state: Mutex<State>

  /// What the tasks share.
  struct State: Sendable {
    var engine: (any LinkEngine)?
    var heads = FeedHeads()
    /// The feed's heads as the high-water file has them; nil: not written by this process.
    var keptHeads: FeedHeads?
    var unsealed: UInt64 = 0
    var parentClock = ParentClock()
    var sealing = SealingRight.granted
    /// How often a peer has made this node begin anew.
    var words: [NodeID: Int] = [:]
    var isStopping = false
    var random: SplitMix64
  }

  /// Makes a service.
  ///
  /// - Parameters:
  ///   - engine: the rules under the stored policy; nil before the first.
  ///   - handoverKey: this node's own, signed; nil: children cannot seal to it.
  ///   - dialer: opens channels to the parent; nil at the root.
  ///   - listener: accepts channels of children; nil where there are none.
  ///   - highWater: where the high-water mark is kept; nil: nowhere, and sealing needs nobody's leave.
  ///   - seed: of the jitter of dials, and of nothing that must not be guessed.
  ///   - log: told what an operator may want to know; never blocks.
  package init(
    settings: NodeSettings, store: any ChangeStore, engine: (any LinkEngine)?,
    dialer: (any PeerDialer)?, listener: (any PeerListener)?, authority: any DocumentAuthority,
    adoption: any DocumentAdoption, signers: SignerCache,
    highWater: (any HighWaterFile)? = nil, clock: any Clock<Duration> = ContinuousClock(),
    handoverKey: HandoverKey? = nil, seed: UInt64, now: @escaping @Sendable () -> Int64,
    log: @escaping @Sendable (NodeNote) -> Void = { _ in }
  ) {
    self.settings = settings
    self.store = store
    self.dialer = dialer
    self.listener = listener
    self.authority = authority
    self.adoption = adoption
    self.signers = signers
    self.clock = clock
    self.now = now
    self.log = log
    self.handoverKey = handoverKey
    board = LinkBoard(node: settings.node)
    keeper = HighWaterKeeper(highWater)
    state = Mutex(State(engine: engine, random: SplitMix64(seed: seed)))
    if let parent = settings.parent { board.know(parent, role: .parent) }
  }

  /// Runs until `shutdown()` or until its task is cancelled.
  ///
  /// Returning means drained: what was being applied is committed, peers were told. Throws what the store throws at the start, and what ends the listener.
  ///
  /// `localWrites` yields whenever an application has committed writes; it may yield too often, and a lost one costs `sealInterval`.
  package func run(
    localWrites: some AsyncSequence<Void, Never> & Sendable
  ) async throws {
    try await begin()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in localWrites { self.sealWake.signal() }
        // The signals may end before the service: the timer goes on.
        try await self.untilCancelled()
      }
      group.addTask { try await self.seal() }
      group.addTask { try await self.every(self.settings.sealInterval) { self.sealWake.signal() } }
      group.addTask {
        try await self.every(self.settings.parkedInterval) { await self.retryParked() }
      }
      group.addTask { try await self.every(self.settings.trimInterval) { self.trimWake.signal() } }
      group.addTask { try await self.trimWhenWoken() }
      group.addTask { try await self.every(.seconds(3600)) { await self.trimReceipts() } }
      group.addTask {
        try await self.every(self.settings.highWaterInterval) { await self.keepPositions() }
      }
      group.addTask { try await self.grantAfterPatience() }
      group.addTask { try await self.workOnPlans() }
      group.addTask {
        try await self.every(self.settings.handoverInterval) { await self.askParent() }
      }
      if let parent = settings.parent, let interval = settings.verifyInterval {
        group.addTask { try await self.verify(parent, every: interval) }
      }
      if let parent = settings.parent, let dialer {
        group.addTask { try await self.dial(parent, dialer) }
      }
      if let listener {
        group.addTask { try await listener.run { await self.accept($0) } }
      }
      group.addTask {
        try await self.stopWake.wait()
        await self.drain()
        await self.keepPositions()
        throw CancellationError()
      }
      defer { group.cancelAll() }
      do {
        while try await group.next() != nil {}
      } catch is CancellationError {
        return
      }
    }
  }

  /// Begins an orderly end: no new link, each peer is told, transactions finish; then `run` returns.
  package func shutdown() {
    state.withLock { $0.isStopping = true }
    stopWake.signal()
  }

  /// Holds the link with a peer, or lets it go on. False: the peer is not known.
  package func setPaused(_ isPaused: Bool, _ peer: NodeID) -> Bool {
    defer { dialWake.signal() }
    return board.setPaused(isPaused, peer)
  }

  /// Takes note of how many committed writes are not sealed, as the store last said; peers are told as a hint.
  package func noteUnsealed(_ count: UInt64) { state.withLock { $0.unsealed = count } }

  /// How far the parent's clock is ahead, in microseconds; 0 within the tolerance.
  package var clockOffset: Int64 {
    state.withLock { $0.parentClock.offset(tolerance: settings.clockTolerance) }
  }

  /// Reads where the feed stands and which peers were met before.
  private func begin() async throws {
    let (heads, peers, records) = try await store.read { tx in
      (try FeedHeads(in: tx), try tx.peers(), try tx.signers())
    }
    for refused in signers.load(records) { log(.signerRefused(refused.node)) }
    state.withLock { $0.heads = heads }
    try await succeedStored()
    for peer in peers where peer != settings.parent && settings.node.mayBeParent(of: peer) {
      board.know(peer, role: .child)
    }
    let (own, used) = try await standing()
    try await examine(own, used: used)
    sealWake.signal()
  }

  /// A policy that was stored and not adopted before the last end, or that was given to the program at its start, is adopted now.
  private func succeedStored() async throws {
    guard let engine else { return }
    let moment = self.moment
    let parent = settings.parent
    let heads = try await store.write { tx in
      try engine.succeed(from: parent, at: moment, in: tx)
      return try FeedHeads(in: tx)
    }
    state.withLock { $0.heads = heads }
  }

  private func drain() async {
    let bye = Bye(code: "stopping", hint: "\(settings.node) stops and will be back")
    for session in board.sessions { session.stop(bye) }
    let step = Duration.milliseconds(10)
    var waited = Duration.zero
    while !board.sessions.isEmpty, waited < settings.drainLimit {
      do { try await clock.sleep(for: step) } catch { return }
      waited += step
    }
  }

  private func untilCancelled() async throws {
    try await Wakeup().wait()
  }

  private func every(
    _ interval: Duration, _ body: @Sendable () async -> Void
  ) async throws {
    while true {
      try await clock.sleep(for: interval)
      await body()
    }
  }
}

/// Something that an operator may want to know. It never holds a value of a record.
package enum NodeNote: Sendable, Hashable {
  case linkUp(NodeID)
  case linkEnded(NodeID, LinkEnd)
  case dialFailed(NodeID, String, retryIn: Duration)
  case refusedChannel(NodeID, String)
  /// A kept certificate does not lead to the region's root.
  case signerRefused(NodeID)
  case adopted(SignedDocument.Kind, epoch: UInt64)
  /// Something that an operator must hear of; it is stored too.
  case alarm(Alarm)
  /// A comparison found records that differ at the two ends of a link.
  case linkDiffers(NodeID, LinkComparison)
  /// Values of these records were not sent to a peer: no kept batch proves them.
  case unproved(NodeID, [RecordRef])
  /// A comparison on the schedule did not come to an end.
  case comparisonFailed(NodeID, String)
  case sealFailed(String)
  /// A new incarnation began, and why.
  case renumbered(UInt32, String)
  case highWaterFailed(String)
  case retryFailed(String)
  case trimFailed(String)
  /// The parent could not be asked about the hand-over archive.
  case handoverFailed(String)
  /// Archived values arrived where they belong: so many rows.
  case handedOver(Int)
}
