package import ReplicationCore
import Synchronization

extension NodeService {
  package func asked(_ part: PlanQuestionPart, by peer: NodeID) throws(LinkRefusal) {
    try plans.take(part)
  }

  package func told(_ report: PlanReport, by peer: NodeID) throws(LinkRefusal) {
    if try plans.admit(report, from: peer) { tell(report) }
  }

  /// Asks this node and all below it what another policy would change; nothing of it takes effect.
  ///
  /// Returns when all that can be reached have answered, or nothing came for `patience`: who is asked still then has not answered.
  /// Throws a `PlanFailure`, and nothing was asked.
  ///
  /// - Parameters:
  ///   - source: the policy, which was checked.
  ///   - progress: called now and then.
  package func plan(
    _ source: [UInt8], patience: Duration, progress: @Sendable (PlanBoard) -> Void
  ) async throws -> PlanBoard {
    guard let engine else { throw PlanFailure.noPolicy }
    let question = PlanQuestion(
      number: UInt64(max(1, now())), policyEpoch: engine.policyEpoch,
      catalogEpoch: engine.catalogEpoch, source: source)
    guard plans.begin(question, asker: settings.node) else { throw PlanFailure.busy }
    defer { plans.end() }
    var silent = Duration.zero
    var reports = -1
    while true {
      guard let board = plans.board else { throw PlanFailure.busy }
      if board.reports != reports {
        reports = board.reports
        silent = .zero
        progress(board)
      }
      if board.isComplete || silent >= patience { return board }
      try await clock.sleep(for: Self.planStep)
      silent += Self.planStep
    }
  }

  private static var planStep: Duration { .milliseconds(50) }

  /// Counts for plans, one after the other; a newer one ends the one before.
  func workOnPlans() async throws {
    while true {
      try await plans.wake.wait()
      guard let question = plans.next() else { continue }
      do {
        let children = try await ask(question)
        let looked = try await count(question, children)
        tell(PlanReport(number: question.number, node: settings.node, .done(looked: looked)))
      } catch is CancellationError {
        throw CancellationError()
      } catch is CancellationOfPlan {
        continue
      } catch {
        let reason = (error as? PlanFailure ?? .store).rawValue
        tell(PlanReport(number: question.number, node: settings.node, .failed(reason)))
      }
    }
  }

  /// A child's link has ended: what it was asked it will not answer.
  func lostForPlan(_ peer: NodeID) {
    guard let number = plans.lost(peer) else { return }
    let entry = PlanReport.Entry(peer, .unreachable, heardAt: UInt64(max(0, now())))
    tell(PlanReport(number: number, node: settings.node, .roster([entry])))
  }

  /// Hands the question to all children and tells who was reached; all children.
  private func ask(_ question: PlanQuestion) async throws -> [NodeID] {
    let children = board.statuses(now: now()).filter { $0.role == .child }
    var entries: [PlanReport.Entry] = []
    var beyond: [NodeID] = []
    for child in children {
      // Before it is asked: its answer may be quick.
      plans.asked(child.peer, question.number)
      let state: PlanReport.Entry.State =
        switch board.session(with: child.peer)?.tell(question.parts) ?? .notLive {
        case .told: .asked
        case .tooOld: .tooOld
        case .notLive: .unreachable
        }
      entries.append(
        .init(child.peer, state, heardAt: UInt64(max(0, child.receivedAt ?? 0))))
      if state != .asked { beyond.append(child.peer) }
    }
    for child in beyond { _ = plans.lost(child) }
    entries += try await known(below: beyond)
    for start in stride(from: 0, to: entries.count, by: PlanLimits.entries) {
      let part = Array(entries[start..<min(entries.count, start + PlanLimits.entries)])
      tell(PlanReport(number: question.number, node: settings.node, .roster(part)))
    }
    return children.map(\.peer)
  }

  /// Nodes below those out of reach, as far as their signatures were ever seen here.
  private func known(below children: [NodeID]) async throws -> [PlanReport.Entry] {
    if children.isEmpty { return [] }
    let nodes = Set(try await store.read { try $0.signers() }.map(\.node))
    return nodes.sorted().filter { node in children.contains { $0.mayBeParent(of: node) } }
      .map { PlanReport.Entry($0, .unreachable, heardAt: 0) }
  }

  /// Counts what changes at this node, in short transactions, and tells it piece by piece; how many records were looked at.
  private func count(_ question: PlanQuestion, _ children: [NodeID]) async throws -> UInt64 {
    let engine = try self.engine(of: question)
    let candidate: any ViewPolicy
    do { candidate = try adoption.candidate(question.source) } catch {
      throw (error as? PlanFailure) ?? PlanFailure.unreadable
    }
    var looked: UInt64 = 0
    for start in engine.planWalks(candidate, children: children) {
      var walk = start
      while !walk.isAtEnd {
        let known = walk
        walk = try await store.read { tx in
          try engine.plan(known, candidate, limit: PlanLimits.slice, in: tx)
        }
        guard plans.isCurrent(question.number) else { throw CancellationOfPlan() }
        _ = try self.engine(of: question)
        if walk.found.count >= PlanLimits.kept { tell(walk.taken(), of: question) }
        // Links read by the same connections: they get their turn.
        await Task.yield()
      }
      tell(walk.taken(), of: question)
      looked += walk.looked
    }
    return looked
  }

  /// The rules; throws when they are not those of the one who asks.
  private func engine(of question: PlanQuestion) throws -> any LinkEngine {
    guard let engine, engine.policyEpoch == question.policyEpoch,
      engine.catalogEpoch == question.catalogEpoch
    else { throw PlanFailure.policy }
    return engine
  }

  private func tell(_ figures: [PlanFlow: PlanTally], of question: PlanQuestion) {
    for report in figures.reports(of: settings.node, number: question.number) { tell(report) }
  }

  /// Towards the one who asked: the own operator, or the parent. Lost when the parent is out of reach: it says so itself.
  private func tell(_ report: PlanReport) {
    if plans.keep(report) { return }
    guard let parent = settings.parent else { return }
    _ = board.session(with: parent)?.tell([.report(report)])
  }
}

/// A newer plan took the place of this one: nobody waits for its end.
private struct CancellationOfPlan: Error {}
