import PeerLink
import ReplicationCore
import Synchronization
import SignedFeed

extension LinkSession {
  /// What the sender does next.
  private enum Output: Sendable {
    case frames([[UInt8]])
    case step(SendStep)
    case documents
    case wait
    case end
  }

  /// Sends: short frames first, then documents, then parcels while the window allows. Returns when the last words are out.
  func send() async {
    do {
      while true {
        switch nextOutput() {
        case .frames(let frames):
          for frame in frames { try await transmit(frame) }
        case .documents: try await sendDocuments()
        case .step(let step): try await send(step)
        case .wait: try await sendWake.wait()
        case .end: return
        }
      }
    } catch let error as PeerLinkError {
      finish(.broken("\(error)"))
    } catch is CancellationError {
      return
    } catch {
      // The peer's fault, the store's or the rules' own trouble: the last words still go out.
      if let refusal = error as? LinkRefusal {
        finish(.refused(refusal))
      } else {
        finish(.storeFailed("\(error)"))
      }
      let frames = live.withLock { live in
        defer { live.frames = [] }
        return live.frames
      }
      for frame in frames { try? await transmit(frame) }
    }
  }

  private func nextOutput() -> Output {
    live.withLock { live in
      if !live.frames.isEmpty {
        defer { live.frames = [] }
        return .frames(live.frames)
      }
      if live.end != nil { return live.isApplying ? .wait : .end }
      guard live.isReady, let machine = live.machine else { return .wait }
      if machine.owesDocuments { return .documents }
      if let step = machine.nextStep, !isAhead(of: machine) { return .step(step) }
      defer { live.later = [] }
      return live.later.isEmpty ? .wait : .frames(live.later)
    }
  }

  /// Whether the rules are of a policy of which this link was not told yet: its document goes before what is made by it.
  private func isAhead(of machine: LinkMachine) -> Bool {
    context.events.engine.map { $0.policyEpoch > machine.policyEpoch } ?? false
  }

  private func transmit(_ frame: [UInt8]) async throws {
    try await channel.send(frame)
    live.withLock { $0.sentBytes += UInt64(frame.count) }
  }

  /// Makes the next parcel from one snapshot and sends it.
  private func send(_ step: SendStep) async throws {
    guard let engine = context.events.engine else { return }
    let epoch = engine.policyEpoch
    if let parcel = live.withLock({ $0.takeRest(of: step.lane, under: epoch) }) {
      return try await transmit(parcel, step.lane, asked: 0)
    }
    let peer = self.peer
    let settings = context.settings
    let (known, asked, room) = live.withLock { live in
      (
        live.knownSigners, live.estimate.next(step.lane, most: settings.parcelEntries),
        live.estimate.room(step.lane, most: settings.parcelBytes)
      )
    }
    let (parcel, fitting, mark) = try await context.store.read { tx in
      var room = room
      let mark = try HighWater(in: tx)
      while true {
        let parcel: OutgoingParcel =
          switch step {
          case .feed(let lane, let from, let resuming):
            try engine.project(
              to: peer, lane: lane, from: from, resuming: resuming,
              maximumBytes: room, maximumEntries: asked, knownSigners: known, in: tx)
          case .catchUp(let lane, let start, let after, let done):
            try engine.catchUp(
              to: peer, lane: lane, start: start, after: after, done: done,
              maximumBytes: room, knownSigners: known, in: tx)
          }
        // The projection reckons before it encodes; what came out too large would be refused, and tried for ever.
        guard let smaller = EntryEstimate.smaller(room, came: parcel.largestBytes) else {
          return (parcel, room, mark)
        }
        room = smaller
      }
    }
    if fitting < room { live.withLock { $0.estimate.shrunk(step.lane, to: fitting) } }
    let leftOut = live.withLock { $0.firstTold(parcel.unproved) }
    if !leftOut.isEmpty { context.events.leftOut(leftOut, for: peer) }
    if parcel.isEmpty { return behind(step, under: epoch) }
    try await context.events.secure(mark)
    live.withLock { $0.rest[step.lane] = parcel.rest }
    try await transmit(parcel, step.lane, asked: asked)
  }

  /// Sends one parcel and takes note of it; `asked`: how many entries it was made of at most, 0 when it is what was left of one.
  private func transmit(_ parcel: OutgoingParcel, _ lane: Lane, asked: Int) async throws {
    if role == .child { try await sendFormerPolicies(parcel.signedUnder) }
    let frame = Frame.parcel(parcel.encoded).encoded()
    let size = parcel.encoded.count
    let now = context.now()
    let isOpen = live.withLock { live -> Bool in
      guard live.end == nil else { return false }
      live.machine?.sending(parcel.span, lane: lane, bytes: size, resuming: parcel.resuming)
      live.notePace(now: now)
      live.knownSigners.formUnion(parcel.signers)
      if case .feed(let from, let next) = parcel.span, next > from, asked > 0 {
        live.estimate.learned(
          lane, asked: asked, taken: Int(next - from), bytes: size, of: context.settings.parcelBytes
        )
      }
      live.archives[lane, default: []].append(parcel.archive)
      return true
    }
    if isOpen { try await transmit(frame) }
  }

  /// The snapshot did not hold the entries yet that the head promised: waits for the next growth instead of turning in place.
  private func behind(_ step: SendStep, under epoch: UInt64) {
    live.withLock { live in
      guard case .feed(let lane, let from, _) = step else { return }
      live.machine?.foundEmpty(lane, at: from)
    }
    // What stands there may wait for the rules of a policy that was adopted meanwhile.
    if context.events.engine?.policyEpoch != epoch { feedGrew(context.events.heads) }
  }

  /// Sends the newest documents to a child that has older ones: the catalog first, for a policy is read with it.
  private func sendDocuments() async throws {
    // What is adopted from here on may be newer than what is read: it is still owed afterwards.
    guard let sent = live.withLock({ $0.machine }) else { return }
    let documents = try await context.store.read { try $0.documents() }
    for document in documents.sorted(by: { $0.kind.rawValue > $1.kind.rawValue }) {
      for part in document.parts() { try await transmit(Frame.document(part).encoded()) }
    }
    live.withLock {
      $0.machine?.peerAdopted(policyEpoch: sent.policyEpoch, catalogEpoch: sent.catalogEpoch)
    }
  }

  /// Sends, before changes that were signed under former policies, these and those that followed them: a child may never have lived
  /// under them, and judges by them. Once a channel, like certificates.
  private func sendFormerPolicies(_ epochs: Set<UInt64>) async throws {
    let first = live.withLock { live -> UInt64? in
      let newest = live.machine?.policyEpoch ?? 0
      return epochs.filter { $0 < newest && !live.knownPolicies.contains($0) }.min()
    }
    guard let first else { return }
    let documents = try await context.store.read { try $0.documents(.policy) }
    for document in documents.dropLast() where document.epoch >= first {
      guard live.withLock({ $0.knownPolicies.insert(document.epoch).inserted }) else { continue }
      for part in document.parts(asFormer: true) {
        try await transmit(Frame.document(part).encoded())
      }
    }
    // Those that are not kept here either are not looked for again.
    live.withLock { $0.knownPolicies.formUnion(epochs) }
  }

  /// Queues a heartbeat.
  func enqueueHeartbeat() {
    let clock = context.now()
    live.withLock { live in
      guard live.isReady, live.end == nil, let machine = live.machine else { return }
      let heartbeat = Heartbeat(
        clock: clock, unsealed: context.events.unsealed, policyEpoch: machine.policyEpoch,
        catalogEpoch: machine.catalogEpoch)
      live.frames.append(Frame.heartbeat(heartbeat).encoded())
    }
    sendWake.signal()
  }

  /// Sends heartbeats and ends a silent link; after the last words gives them a bounded time.
  func watch() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.beat() }
      group.addTask {
        do {
          try await self.closeWake.wait()
          try await self.context.clock.sleep(for: self.context.settings.closingGrace)
        } catch { return }
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func beat() async {
    var silent = 0
    do {
      while true {
        try await context.clock.sleep(for: context.settings.heartbeat)
        let came = live.withLock { live -> Bool in
          defer { live.frameCame = false }
          return live.frameCame
        }
        silent = came ? 0 : silent + 1
        if silent >= context.settings.silentHeartbeats {
          finish(.broken("\(peer) has been silent for \(context.settings.heartbeat * silent)"))
          // No last words: a dead channel would not take them.
          return
        }
        enqueueHeartbeat()
      }
    } catch { return }
  }
}
