import ReplicationCore
import Synchronization

extension LinkSession {
  /// A question of the peer that is being answered.
  struct OpenQuestion: Sendable {
    let number: UInt64
    let policyEpoch: UInt64
    let catalogEpoch: UInt64
    let question: DigestQuestion
  }

  /// How far a question's range was looked at behind the last key that could be told: keys outside the peer's view are never told.
  struct LookedAt: Sendable {
    /// The question; only the next one goes on from here.
    let number: UInt64
    let ledger: LedgerID
    let after: String?
    let through: String?
    let reached: String
  }

  /// Answers the peer's questions, one at a time, beside everything else.
  func answerQuestions() async {
    while true {
      do { try await questionWake.wait() } catch { return }
      guard let open = live.withLock({ $0.question }) else { continue }
      let answer: DigestAnswer
      do {
        answer = try await self.answer(open)
      } catch is CancellationError {
        return
      } catch {
        // This node's own trouble, or a key that is none: it is not worth the link.
        answer = .notNow("store")
      }
      let frame = Frame.digest(.answer(number: open.number, answer)).encoded()
      live.withLock { live in
        live.question = nil
        live.machine?.answered()
        live.later.append(frame)
      }
      sendWake.signal()
    }
  }

  private func answer(_ open: OpenQuestion) async throws -> DigestAnswer {
    guard let engine = context.events.engine else { return .notNow("policy") }
    guard open.policyEpoch == engine.policyEpoch, open.catalogEpoch == engine.catalogEpoch else {
      return .notNow("policy")
    }
    if live.withLock({ $0.machine?.isCatchingUp ?? true }) { return .notNow("catching_up") }
    let shared = engine.ledgersShared(with: peer)
    let peer = self.peer
    switch open.question {
    case .parts(let range, let size):
      guard shared.contains(range.ledger) else { return .parts([], isWhole: true) }
      return try await parts(of: range, size: size, engine)
    case .records(let range):
      guard shared.contains(range.ledger) else { return .records([], isWhole: true) }
      return try await records(of: range, engine)
    case .details(let refs):
      guard refs.allSatisfy({ shared.contains($0.ledger) }) else { return .notNow("ledger") }
      let slice = try await context.store.read {
        try engine.details(of: refs, with: peer, since: nil, in: $0)
      }
      return .details(slice.records.fitting)
    case .repair(let refs):
      guard refs.allSatisfy({ shared.contains($0.ledger) }) else { return .notNow("ledger") }
      let (told, heads) = try await context.store.write { tx in
        (try engine.answer(refs, to: peer, in: tx), try FeedHeads(in: tx))
      }
      context.events.feedGrew(heads)
      return .repaired(
        told: UInt64(told.count), heads: LanePositions(bulk: heads.bulk, urgent: heads.urgent))
    case .setAside(let theirs):
      guard theirs.allSatisfy({ shared.contains($0.ref.ledger) }) else {
        return .notNow("ledger")
      }
      let moment = context.events.moment
      let (gone, heads) = try await context.store.write { tx in
        (
          try engine.setAside(theirs, from: peer, at: moment, in: tx), try FeedHeads(in: tx)
        )
      }
      context.events.feedGrew(heads)
      return .repaired(
        told: UInt64(gone), heads: LanePositions(bulk: heads.bulk, urgent: heads.urgent))
    }
  }

  /// Cuts a range into parts, in short transactions, until enough was looked at.
  private func parts(
    of range: KeyRange, size: UInt64, _ engine: any LinkEngine
  ) async throws -> DigestAnswer {
    var cutter = PartCutter(size: size)
    let walk = try await walk(range, engine) { cutter.take($0, $1) }
    cutter.close()
    remember(walk, in: range, told: cutter.parts.last?.last)
    return .parts(cutter.parts, isWhole: walk.isWhole)
  }

  private func records(
    of range: KeyRange, _ engine: any LinkEngine
  ) async throws -> DigestAnswer {
    var cutter = ListCutter()
    let walk = try await walk(range, engine) { cutter.take($0, $1) }
    remember(walk, in: range, told: cutter.entries.last?.key)
    return .records(cutter.entries, isWhole: walk.isWhole)
  }

  /// How a walk through a range ended.
  private struct Walk {
    let isWhole: Bool
    /// The last key looked at, in the view or not.
    let reached: String?
  }

  /// Hands the records of a range that are in the view to `take` until it wants no more, or until enough was looked at.
  private func walk(
    _ range: KeyRange, _ engine: any LinkEngine, take: (String, ShareDigest) -> Bool
  ) async throws -> Walk {
    let peer = self.peer
    var range = range
    let (known, number) = live.withLock { ($0.lookedAt, $0.question?.number ?? 0) }
    if let known, known.number + 1 == number, known.ledger == range.ledger,
      known.after == range.after, known.through == range.through
    {
      range.after = known.reached
    }
    for _ in 0..<DigestLimits.looked / DigestLimits.slice {
      let part = range
      let slice = try await context.store.read { tx in
        try engine.shares(with: peer, in: part, limit: DigestLimits.slice, tx: tx)
      }
      var last = range.after
      for record in slice.records {
        guard take(record.key, record.digest) else { return Walk(isWhole: false, reached: last) }
        last = record.key
      }
      guard let next = slice.next else { return Walk(isWhole: true, reached: nil) }
      range.after = next
    }
    return Walk(isWhole: false, reached: range.after)
  }

  private func remember(_ walk: Walk, in range: KeyRange, told: String?) {
    let after = told ?? range.after
    live.withLock { live in
      live.lookedAt = nil
      guard !walk.isWhole, let reached = walk.reached, reached != after else { return }
      live.lookedAt = LookedAt(
        number: live.question?.number ?? 0, ledger: range.ledger, after: after,
        through: range.through, reached: reached)
    }
  }
}
