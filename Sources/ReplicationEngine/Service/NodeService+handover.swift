package import ReplicationCore
import Synchronization

extension NodeService {
  package func learned(_ key: HandoverKey, from peer: NodeID) async throws {
    guard key.isGenuine(by: signers.authority) else {
      throw LinkRefusal(.forged, "the hand-over key of \(peer) is not signed by \(peer)")
    }
    let engine = self.engine
    try await store.write { tx in
      if try tx.handoverKey(of: peer) == key { return }
      try tx.keepHandoverKey(key)
      try engine?.sealArchive(in: tx)
    }
  }

  package func asked(
    _ inquiry: HandoverInquiry, by peer: NodeID
  ) async throws -> HandoverAnswer {
    guard let engine else {
      return HandoverAnswer(
        id: inquiry.id, isSafe: Array(repeating: false, count: inquiry.questionCount))
    }
    let verdict = try await store.read { try engine.answer(inquiry, of: peer, in: $0) }
    return HandoverAnswer(
      id: inquiry.id, isSafe: questions.complete(verdict, of: inquiry, by: peer))
  }

  package func answered(_ answer: HandoverAnswer, by peer: NodeID) async throws {
    guard let rows = questions.answered(answer) else {
      throw LinkRefusal(.unexpected, "\(peer) answered a hand-over inquiry that was not made")
    }
    if rows.isEmpty { return }
    try await store.write { try $0.settleArchived(rows) }
    log(.handedOver(rows.count))
  }

  /// Asks the parent about archived values whose time has come: each row again after twice the time, up to a limit.
  func askParent() async {
    guard let parent = settings.parent, let engine,
      let session = board.sessions.first(where: { $0.peer == parent })
    else { return }
    let now = self.now()
    guard questions.mayAsk(at: now) else { return }
    do {
      let due = try await store.read { try engine.dueQuestions(at: now, in: $0) }
      guard let inquiry = questions.next(due, at: now) else { return }
      guard session.ask(inquiry) else { return questions.notSent() }
      try await noteAsked(due.map(\.id), at: now)
    } catch {
      questions.notSent()
      log(.handoverFailed("\(error)"))
    }
  }

  private func noteAsked(_ ids: [UInt64], at now: Int64) async throws {
    if ids.isEmpty { return }
    let first = settings.handoverInterval.microseconds
    let most = settings.handoverLimit.microseconds
    try await store.write { tx in
      for (asked, items) in Dictionary(grouping: try tx.archived(.ids(ids)), by: \.asked) {
        let wait = min(most, first << Int64(min(asked, 30)))
        try tx.noteAsked(items.map(\.id), again: now + wait)
      }
    }
  }
}

extension Duration {
  fileprivate var microseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}
