import ReplicationCore
import Synchronization

extension LinkSession {
  /// Asks the peer and waits for its answer, at most `limit`. Throws a `ComparisonError`.
  func ask(
    _ question: DigestQuestion, _ engine: any LinkEngine, limit: Duration
  ) async throws -> DigestAnswer {
    let peer = self.peer
    let number = try live.withLock { live throws(ComparisonError) -> UInt64 in
      guard live.isReady, live.end == nil, live.machine?.maySendData == true else {
        throw .notLive(peer)
      }
      guard live.machine?.mayCompare == true else { throw .peerTooOld(peer) }
      guard let number = live.machine?.asking() else { throw .busy(peer) }
      let frame = Frame.digest(
        .question(
          number: number, policyEpoch: engine.policyEpoch, catalogEpoch: engine.catalogEpoch,
          question))
      live.later.append(frame.encoded())
      return number
    }
    sendWake.signal()
    let patience = Task {
      try await context.clock.sleep(for: limit)
      live.withLock { $0.givenUp = number }
      answerWake.signal()
    }
    defer { patience.cancel() }
    while true {
      let answer = try live.withLock { live throws(ComparisonError) -> DigestAnswer? in
        if let (came, answer) = live.answer, came == number {
          live.answer = nil
          return answer
        }
        if live.end != nil { throw .notLive(peer) }
        if live.givenUp == number { throw .noAnswer(peer) }
        return nil
      }
      if case .notNow(let reason)? = answer { throw ComparisonError.notNow(peer, reason) }
      if let answer { return answer }
      try await answerWake.wait()
    }
  }

  /// Compares this end of the link's view with the peer's. One comparison of a link runs at a time. Throws a `ComparisonError`.
  ///
  /// - Parameters:
  ///   - repairs: where they differ both ends tell by their feeds how the record stands.
  ///   - progress: called now and then.
  package func compare(
    repairs: Bool, progress: @escaping @Sendable (LinkComparison) -> Void
  ) async throws -> ComparisonReport {
    let peer = self.peer
    guard let engine = context.events.engine else { throw ComparisonError.notLive(peer) }
    let isFirst = live.withLock { live -> Bool in
      defer { live.isComparing = true }
      return !live.isComparing
    }
    guard isFirst else { throw ComparisonError.busy(peer) }
    defer { live.withLock { $0.isComparing = false } }
    if live.withLock({ $0.machine?.isCatchingUp ?? false }) {
      throw ComparisonError.notNow(peer, "catching_up")
    }
    var comparer = LinkComparer(
      session: self, engine: engine, repairs: repairs, progress: progress)
    let report = try await comparer.run()
    live.withLock { $0.later.append(Frame.digest(.conclusion(report.result)).encoded()) }
    sendWake.signal()
    return report
  }
}
