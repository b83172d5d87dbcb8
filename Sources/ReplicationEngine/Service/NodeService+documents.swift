package import ReplicationCore
import Synchronization
import SignedFeed

extension NodeService {
  package func adopt(
    _ documents: [SignedDocument], from peer: NodeID, areFormer: Bool
  ) async throws {
    try await adoptions.run { [self] in
      try await check(documents, from: peer)
      let now = self.now()
      // Kept first: what cannot be adopted today is adopted by a newer program at its start.
      let (newest, alarms) = try await store.write { [authority] tx in
        var alarms: [Alarm] = []
        for document in documents {
          let fault = try Self.keep(document, areFormer: areFormer, by: authority, in: tx)
          if let fault {
            alarms.append(
              Alarm(fault, peer: peer, detail: fault.words(document), at: now))
          }
        }
        for alarm in alarms { try tx.raise(alarm) }
        return (areFormer ? try tx.documents(.policy) : try tx.documents(), alarms)
      }
      for alarm in alarms { log(.alarm(alarm)) }
      // Nothing is judged by what was refused.
      if areFormer { return adoption.shelve(documents.filter { newest.contains($0) }) }
      guard !isInForce(newest) else { return }
      try await adopt(stored: newest, from: peer)
      for document in documents { log(.adopted(document.kind, epoch: document.epoch)) }
    }
  }

  /// Keeps, adopts and hands down a document of this region's own, already checked and signed.
  ///
  /// Throws `DocumentNotNewer`, and nothing happened, unless its epoch is higher than the one in force.
  package func publish(_ document: SignedDocument) async throws {
    try await adoptions.run { [self] in
      let newest = try await store.write { tx in
        let newest = try tx.documents().last { $0.kind == document.kind }?.epoch ?? 0
        guard document.epoch > newest else { throw DocumentNotNewer(newest: newest) }
        try tx.keepDocument(document)
        return try tx.documents()
      }
      try await adopt(stored: newest)
      log(.adopted(document.kind, epoch: document.epoch))
    }
  }

  /// What an operator must hear of: kept, and logged.
  package func raise(_ alarm: Alarm) async throws {
    log(.alarm(alarm))
    try await store.write { try $0.raise(alarm) }
  }

  private func check(_ documents: [SignedDocument], from peer: NodeID) async throws {
    for document in documents {
      do {
        try authority.check(document)
      } catch {
        let detail =
          "\(peer) sent a \(document.kind) of epoch \(document.epoch) that does not verify: \(error)"
        try await raise(Alarm(.forged, peer: peer, detail: detail, at: now()))
        throw LinkRefusal(.documentRefused, detail, position: document.epoch)
      }
    }
  }

  /// Keeps a document that the region signed; what is wrong with its epoch when it must not take the place of what is in force.
  private static func keep(
    _ document: SignedDocument, areFormer: Bool, by authority: any DocumentAuthority,
    in tx: any StoreTransaction
  ) throws -> Alarm.Code? {
    let known = try tx.documents(document.kind)
    let newest = known.last?.epoch ?? 0
    if let same = known.first(where: { $0.epoch == document.epoch }) {
      guard authority.areSame(same, document) else { return .equivocation }
      return areFormer || document.epoch == newest ? nil : .rollback
    }
    if !areFormer, document.epoch < newest { return .rollback }
    // A former policy tells what was written under it, and never becomes the one in force.
    if areFormer, document.epoch > newest { return nil }
    try tx.keepDocument(document)
    return nil
  }

  /// Whether the rules of this process are those of these documents already.
  private func isInForce(_ newest: [SignedDocument]) -> Bool {
    guard let engine else { return false }
    return newest.allSatisfy {
      $0.epoch == ($0.kind == .policy ? engine.policyEpoch : engine.catalogEpoch)
    }
  }

  /// Makes the rules of stored documents the current ones and tells every link. `peer`: who sent them; nil: they were given to this node.
  package func adopt(
    stored documents: [SignedDocument], from peer: NodeID? = nil
  ) async throws {
    do {
      // A write is judged by the policy that it is signed under: what the former one allowed is not to wait for the next.
      try await sealAll()
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      // What a policy takes away must not stay for a write that cannot be signed.
      log(.sealFailed("\(error)"))
    }
    let engine = try await adoption.adopt(documents)
    let catalog = documents.last { $0.kind == .catalog }?.epoch ?? 0
    let moment = self.moment
    let former = self.engine
    do {
      let heads = try await store.write { [self] tx in
        try engine?.succeed(from: peer, at: moment, in: tx)
        // Within the transaction: the next one to write must not judge by the former policy.
        if let engine { state.withLock { $0.engine = engine } }
        return try FeedHeads(in: tx)
      }
      for session in board.sessions {
        session.adopted(policyEpoch: engine?.policyEpoch ?? 0, catalogEpoch: catalog)
      }
      feedGrew(heads)
      sealWake.signal()
    } catch {
      await goBack(to: former, from: engine)
      throw error
    }
  }

  /// After a transaction that was to change the policy failed: the rules are those that the store stands by. It may have been
  /// committed all the same, when only its answer was lost.
  private func goBack(to former: (any LinkEngine)?, from engine: (any LinkEngine)?) async {
    state.withLock { $0.engine = former }
    // A store that does not answer is asked again by the next link: its hello brings the documents once more.
    let adopted = try? await store.read { try $0.adoptedPolicy() }
    if let engine, engine.policyEpoch == adopted { state.withLock { $0.engine = engine } }
  }
}

extension Alarm.Code {
  /// What happened to a document, and what to do.
  fileprivate func words(_ document: SignedDocument) -> String {
    let name = "the \(document.kind) of epoch \(document.epoch)"
    return switch self {
    case .rollback:
      "\(name) was given out again although a newer one is in force: it was refused; find out who replays old documents"
    default:
      "\(name) came with other words than the one that is held, and both are signed by the region: the later one was refused; find out who uses the region's policy key"
    }
  }
}
