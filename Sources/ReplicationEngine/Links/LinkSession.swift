package import PeerLink
package import ReplicationCore
import SignedFeed
import Synchronization

/// Runs one channel with one peer, both directions, until either end ends it.
///
/// Five tasks: one reads and verifies, one applies in transactions, one answers questions, one sends, one watches the time. They share `Live` under a lock; nothing is awaited inside it.
package final class LinkSession: Sendable {
  package let peer: NodeID
  package let role: LinkRole
  let channel: any PeerChannel
  let context: LinkContext
  let keys: LinkKeys
  let live = Mutex(Live())
  let sendWake = Wakeup()
  let applyWake = Wakeup()
  let idleWake = Wakeup()
  let closeWake = Wakeup()
  let acknowledgementWake = Wakeup()
  let questionWake = Wakeup()
  let answerWake = Wakeup()
  private let endWake = Wakeup()

  /// What the tasks share.
  struct Live: Sendable {
    /// Nil until the store was read.
    var machine: LinkMachine?
    /// The hello's effect is durable: data may flow.
    var isReady = false
    /// Frames that go before any parcel.
    var frames: [[UInt8]] = []
    /// Frames that go when nothing else does.
    var later: [[UInt8]] = []
    /// The peer's question that is being answered.
    var question: OpenQuestion?
    var lookedAt: LookedAt?
    /// The last answer of the peer, until it is taken.
    var answer: (number: UInt64, DigestAnswer)?
    /// The last question that was given up waiting for.
    var givenUp: UInt64 = 0
    /// This end is running a comparison.
    var isComparing = false
    /// Verified parcels that wait to be applied.
    var parcels: [OpenedParcel] = []
    var isApplying = false
    /// What is still to go of one entry, or of one record, that is larger than a parcel.
    var rest: [Lane: [OutgoingParcel]] = [:]
    /// What to archive, one for each parcel in flight.
    var archives: [Lane: [[ArchivedItem]]] = [:]
    /// How many parcels came, and how many of them were taken to be applied.
    var parcelsCame: UInt64 = 0
    var parcelsTaken: UInt64 = 0
    /// Acknowledgements of the peer that are not durable here, as they came.
    var acknowledged: [PendingAcknowledgement] = []
    var mayAcknowledge = true
    var assembly = DocumentAssembly()
    var end: LinkEnd?
    var frameCame = true
    var receivedAt: Int64?
    var sentBytes: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var marks = ProgressMarks()
    var pace = CatchUpPace()
    var estimate = EntryEstimate()
    /// Signers whose certificates went over this channel.
    var knownSigners: Set<Digest> = []
    /// Former policies that went over this channel.
    var knownPolicies: Set<UInt64> = []
    /// Records of which something was not sent for want of a proof.
    var leftOut: Set<RecordRef> = []

    /// Of these records those that have not been told of; each is told of once, as far as a bounded memory goes.
    mutating func firstTold(_ refs: Set<RecordRef>) -> Set<RecordRef> {
      if leftOut.count > 10_000 { leftOut = [] }
      let news = refs.subtracting(leftOut)
      leftOut.formUnion(news)
      return news
    }

    /// The next parcel of what is still to go; nil when there is none. What was made under another policy is made anew.
    mutating func takeRest(of lane: Lane, under epoch: UInt64) -> OutgoingParcel? {
      guard let first = rest[lane]?.first, first.policyEpoch == epoch else {
        rest[lane] = nil
        return nil
      }
      rest[lane]?.removeFirst()
      return first
    }
  }

  /// A position that the peer has acknowledged, and what to archive for it.
  struct PendingAcknowledgement: Sendable {
    let lane: Lane
    var next: UInt64
    var archive: [ArchivedItem]
    /// How many parcels came before it. They are applied first: the peer sent them before it had processed what it acknowledges here.
    let behind: UInt64
  }

  /// Makes a session for an open channel; `role` is what the peer is to this node.
  package init(channel: any PeerChannel, role: LinkRole, context: LinkContext) {
    peer = channel.peer
    self.channel = channel
    self.role = role
    self.context = context
    keys = LinkKeys(context.events.signers)
  }

  /// Runs until the link ends; when it returns no transaction of it is open. Never throws: the reason is the result.
  package func run() async -> LinkEnd {
    defer { endWake.signal() }
    do {
      try await open()
    } catch {
      finish(.storeFailed("\(error)"))
      return .storeFailed("\(error)")
    }
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await self.read()
        return false
      }
      group.addTask {
        await self.apply()
        return false
      }
      group.addTask {
        await self.paceAcknowledgements()
        return false
      }
      group.addTask {
        await self.answerQuestions()
        return false
      }
      group.addTask {
        await self.send()
        return true
      }
      group.addTask {
        await self.watch()
        return true
      }
      while let isLast = await group.next() {
        if isLast { break }
      }
      group.cancelAll()
    }
    let end = live.withLock { $0.end } ?? .stopped(Bye(code: "stopping", hint: "cancelled"))
    if case .refused(let refusal) = end { await record(refusal) }
    return end
  }

  /// Ends the link in order: the peer is told, what is being applied is finished.
  package func stop(_ bye: Bye) { finish(.stopped(bye)) }

  /// Returns when `run` has returned; for the one who takes this session's place.
  package func ended() async { try? await endWake.wait() }

  /// This node's feed has grown.
  package func feedGrew(_ heads: FeedHeads) {
    let now = context.now()
    live.withLock { live in
      live.machine?.feedGrew(.bulk, to: heads.bulk)
      live.machine?.feedGrew(.urgent, to: heads.urgent)
      if let machine = live.machine { live.marks.grew(machine, now: now) }
    }
    sendWake.signal()
  }

  /// This node has adopted documents.
  package func adopted(policyEpoch: UInt64, catalogEpoch: UInt64) {
    live.withLock {
      $0.machine?.adopted(policyEpoch: policyEpoch, catalogEpoch: catalogEpoch)
    }
    enqueueHeartbeat()
  }

  /// Reads the store and queues the hello.
  private func open() async throws {
    let peer = self.peer
    let events = context.events
    let opening = try await context.store.write {
      try LinkOpening(peer: peer, policyEpoch: events.engine?.policyEpoch ?? 0, in: $0)
    }
    let clock = context.now()
    live.withLock { live in
      var machine = LinkMachine(
        node: context.node, peer: peer, role: role, opening: opening,
        window: context.settings.windowBytes)
      let hello = machine.open(clock: clock)
      live.machine = machine
      live.frames.append(Frame.hello(hello).encoded())
    }
    feedGrew(context.events.heads)
    // Documents may have been adopted while the store was asked: there was no machine yet that could be told.
    guard let engine = context.events.engine else { return }
    adopted(policyEpoch: engine.policyEpoch, catalogEpoch: engine.catalogEpoch)
  }

  /// Sets the end, once, with the last words; wakes everything.
  func finish(_ end: LinkEnd) {
    live.withLock { live in
      guard live.end == nil else { return }
      live.end = end
      live.machine?.close()
      if !end.leavesChannel { live.frames = [] }
      switch end {
      case .refused(let refusal): live.frames.append(Frame.refusal(refusal).encoded())
      case .stopped(let bye): live.frames.append(Frame.bye(bye).encoded())
      case .storeFailed:
        let bye = Bye(
          code: "trouble", hint: "the store of \(context.node) failed; it will dial again or wait")
        live.frames.append(Frame.bye(bye).encoded())
      case .closed, .refusedByPeer, .broken, .untrusted, .certificateRefused: break
      }
    }
    sendWake.signal()
    applyWake.signal()
    idleWake.signal()
    closeWake.signal()
    answerWake.signal()
  }

  /// Writes a refusal into the quarantine, once for each kind and place: a peer that dials again with the same fault must not fill the disk.
  private func record(_ refusal: LinkRefusal) async {
    let item = QuarantinedItem(
      peer: peer, ref: nil, dot: nil, code: "link.\(refusal.code.rawValue)",
      detail: refusal.detail, proof: nil)
    guard context.events.shouldRecord(refusal, from: peer) else { return }
    _ = try? await context.store.write { try $0.quarantine(item) }
  }
}
