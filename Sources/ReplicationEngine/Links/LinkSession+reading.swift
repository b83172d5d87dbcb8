import PeerLink
import ReplicationCore
import Synchronization
import SignedFeed

extension LinkSession {
  /// Reads frames until the channel or the link ends. A fault of the peer ends this link and nothing else.
  func read() async {
    do {
      while let bytes = try await channel.receive() {
        note(bytes.count)
        do {
          try await handle(bytes)
        } catch let refusal as LinkRefusal {
          finish(.refused(refusal))
        }
        if live.withLock({ $0.end != nil }) { return }
      }
      finish(.closed(nil))
    } catch let error as PeerLinkError {
      finish(LinkEnd(channel: error))
    } catch is CancellationError {
      return
    } catch {
      finish(.storeFailed("\(error)"))
    }
  }

  private func note(_ bytes: Int) {
    let now = context.now()
    live.withLock { live in
      live.frameCame = true
      live.receivedAt = now
      live.receivedBytes += UInt64(bytes)
    }
  }

  private func handle(_ bytes: [UInt8]) async throws {
    let frame = try Frame(decoding: bytes)
    switch frame {
    case .hello(let hello): try await handle(hello)
    case .parcel(let encoded): try await handle(encoded: encoded)
    case .acknowledgement(let lane, let parcels, let next):
      try acknowledged(lane, parcels) { machine throws(LinkRefusal) in
        try machine.acknowledged(lane, parcels: parcels, next: next)
      }
    case .catchUpAcknowledgement(let lane, let parcels, let last):
      try acknowledged(lane, parcels) { machine throws(LinkRefusal) in
        try machine.acknowledgedCatchUp(lane, parcels: parcels, last: last)
      }
    case .refusal(let refusal): finish(.refusedByPeer(refusal))
    case .heartbeat(let heartbeat):
      guard try onMachine({ machine throws(LinkRefusal) in try machine.received(heartbeat) })
      else { return }
      context.events.heard(peer, role: role, clock: heartbeat.clock)
      sendWake.signal()
    case .document(let part): try await handle(part)
    case .bye(let bye): finish(.closed(bye))
    case .handoverKey, .inquiry, .answer: try await handle(handover: frame)
    case .digest(let digest): try handle(digest)
    case .plan(let plan): try handle(plan)
    }
  }

  /// The peer's hello: what follows from it is durable before any data goes or comes.
  private func handle(_ hello: Hello) async throws {
    let judgement = try onMachine { machine throws(LinkRefusal) in try machine.received(hello) }
    switch judgement {
    case .ignored: return
    case .peersPast(let detail): finish(.stopped(Bye(code: "restored", hint: detail)))
    case .ownPast(let past): try await begunAnew(past)
    case .good(let effect): try await goLive(hello, effect)
    }
  }

  /// This node was restored from a backup. With a new incarnation it comes back on a new channel.
  private func begunAnew(_ past: OwnPast) async throws {
    guard try await context.events.restored(past, by: self) else {
      throw LinkRefusal(.restored, past.detail)
    }
    finish(
      .stopped(
        Bye(
          code: "renumbered",
          hint: "\(context.node) was restored from a backup and is back with a new incarnation")))
  }

  private func goLive(_ hello: Hello, _ effect: LinkMachine.HelloEffect) async throws {
    let peer = self.peer
    let events = context.events
    let now = context.now()
    try await context.store.write { tx in
      try Self.keep(effect, of: peer, engine: events.engine, in: tx)
    }
    tellHandoverKey()
    live.withLock { live in
      live.isReady = true
      if let machine = live.machine { live.marks.grew(machine, now: now) }
    }
    context.events.greeted(peer, role: role, clock: hello.clock)
    feedGrew(context.events.heads)
  }

  private static func keep(
    _ effect: LinkMachine.HelloEffect, of peer: NodeID, engine: (any LinkEngine)?,
    in tx: any StoreTransaction
  ) throws {
    var link = try tx.link(peer)
    let isNewIncarnation = link.peerIncarnation != effect.peerIncarnation
    if isNewIncarnation || effect.needsState {
      link.peerIncarnation = effect.peerIncarnation
      for lane in Lane.allCases where effect.needsState {
        link[lane] = link[lane].owingState(
          acknowledged: effect.starts[lane] ?? 1, keepsChain: !isNewIncarnation)
      }
      try tx.setLink(link, peer)
    }
    // An acknowledgement was lost with the last channel: what its projection archives is found again.
    guard let engine else { return }
    for (lane, wanted) in effect.acknowledged.sorted(by: { $0.key < $1.key }) {
      try engine.acknowledged(by: peer, lane: lane, next: wanted, archive: nil, in: tx)
    }
  }

  /// A parcel: opened here, beside the transaction that applies those before it.
  private func handle(encoded: [UInt8]) async throws {
    guard try onMachine({ machine throws(LinkRefusal) in try machine.mayReceiveData() }) else {
      return
    }
    guard let engine = context.events.engine else {
      throw LinkRefusal(.noPolicy, "data before this node has a policy")
    }
    let unverified: UnverifiedParcel
    do throws(ParcelError) {
      unverified = try UnverifiedParcel(decoding: encoded)
    } catch {
      throw LinkRefusal(error)
    }
    // All bounds come before the first signature.
    if role == .child { try context.events.admit(unverified.weight, from: peer) }
    let isTaken = try onMachine { machine throws(LinkRefusal) in
      try machine.received(unverified.span, lane: unverified.lane, bytes: encoded.count)
    }
    guard isTaken else { return }
    let parcel = try engine.open(unverified, keys: keys)
    if !parcel.documents.isEmpty {
      guard role == .parent else {
        throw LinkRefusal(.unexpected, "a document from a child: documents only come down")
      }
      try await drained()
      try await context.events.adopt(parcel.documents, from: peer, areFormer: false)
    }
    let now = context.now()
    live.withLock { live in
      live.parcels.append(parcel)
      live.parcelsCame += 1
      live.notePace(now: now)
    }
    applyWake.signal()
  }

  /// A piece of a document; with the last one the document is adopted, after everything that came before it was applied.
  private func handle(_ part: DocumentPart) async throws {
    guard try onMachine({ machine throws(LinkRefusal) in try machine.received(part) }) else {
      return
    }
    let document = try live.withLock { live throws(LinkRefusal) in try live.assembly.take(part) }
    guard let document else { return }
    if !part.isFormer { try await drained() }
    try await context.events.adopt([document], from: peer, areFormer: part.isFormer)
  }

  private func handle(_ frame: DigestFrame) throws(LinkRefusal) {
    switch frame {
    case .question(let number, let policyEpoch, let catalogEpoch, let question):
      guard try onMachine({ machine throws(LinkRefusal) in try machine.receivedQuestion() })
      else { return }
      live.withLock { live in
        live.question = OpenQuestion(
          number: number, policyEpoch: policyEpoch, catalogEpoch: catalogEpoch, question: question)
      }
      questionWake.signal()
    case .answer(let number, let answer):
      guard
        try onMachine({ machine throws(LinkRefusal) in try machine.receivedAnswer(number) })
      else { return }
      live.withLock { $0.answer = (number, answer) }
      answerWake.signal()
    case .conclusion(let comparison):
      guard try onMachine({ machine throws(LinkRefusal) in try machine.receivedConclusion() })
      else { return }
      context.events.concluded(comparison, by: peer)
    }
  }

  /// Returns when everything that came before is applied.
  private func drained() async throws {
    while live.withLock({ ($0.isApplying || !$0.parcels.isEmpty) && $0.end == nil }) {
      try await idleWake.wait()
    }
  }

  /// Takes the parcels off that the peer has acknowledged, and notes what that archives.
  private func acknowledged(
    _ lane: Lane, _ parcels: UInt64, _ decide: (inout LinkMachine) throws(LinkRefusal) -> Bool
  ) throws(LinkRefusal) {
    let now = context.now()
    try live.withLock { live throws(LinkRefusal) in
      guard var machine = live.machine else { return }
      guard try decide(&machine) else { return }
      live.machine = machine
      // The machine has counted them: so many are in flight.
      let archive = live.archives[lane, default: []].prefix(Int(parcels)).flatMap { $0 }
      live.archives[lane, default: []].removeFirst(Int(parcels))
      let next = machine[out: lane].acknowledged
      let behind = live.parcelsCame
      if let at = live.acknowledged.firstIndex(where: { $0.lane == lane && $0.behind == behind }) {
        live.acknowledged[at].next = next
        live.acknowledged[at].archive += archive
      } else {
        live.acknowledged.append(
          PendingAcknowledgement(lane: lane, next: next, archive: archive, behind: behind))
      }
      live.marks.acknowledged(machine, now: now)
    }
    sendWake.signal()
    applyWake.signal()
  }

  /// Lets the machine decide, under the lock. Before the store was read no frame is read.
  func onMachine<T>(_ decide: (inout LinkMachine) throws(LinkRefusal) -> T) throws(LinkRefusal) -> T
  {
    try live.withLock { live throws(LinkRefusal) in
      guard var machine = live.machine else {
        throw LinkRefusal(.unexpected, "a frame before the link began")
      }
      let result = try decide(&machine)
      live.machine = machine
      return result
    }
  }
}
