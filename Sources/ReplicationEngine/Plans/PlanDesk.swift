import ReplicationCore
import Synchronization

/// Why a node cannot tell what a plan would change; also why one cannot be asked.
package enum PlanFailure: String, Error, Sendable {
  /// The policy that is planned cannot be understood here.
  case unreadable
  /// This node lives by another policy or catalog than the one who asks.
  case policy
  case noPolicy = "no_policy"
  case store
  /// Another plan of this node's operator is under way.
  case busy
}

/// A policy that is planned, as it came down whole.
struct PlanQuestion: Sendable {
  let number: UInt64
  let policyEpoch: UInt64
  let catalogEpoch: UInt64
  let source: [UInt8]

  var parts: [PlanFrame] {
    PlanQuestionPart.parts(
      of: source, number: number, policyEpoch: policyEpoch, catalogEpoch: catalogEpoch
    ).map(PlanFrame.question)
  }
}

/// The plan that a node is at: at most one, the newest.
final class PlanDesk: Sendable {
  /// A question is complete.
  let wake = Wakeup()
  private let state = Mutex(State())

  fileprivate struct State: Sendable {
    var incoming: PlanQuestion?
    /// What is to be worked on next.
    var waiting: PlanQuestion?
    var number: UInt64 = 0
    /// Children that were asked and were never lost since, with how many reports they sent.
    var asked: [NodeID: Int] = [:]
    /// Only where the operator asked.
    var board: PlanBoard?
  }

  /// Takes a part of a question from the parent.
  func take(_ part: PlanQuestionPart) throws(LinkRefusal) {
    let isWhole = try state.withLock { state throws(LinkRefusal) -> Bool in
      var bytes: [UInt8] = []
      if part.offset > 0 {
        guard let known = state.incoming, known.number == part.number,
          UInt64(known.source.count) == part.offset
        else {
          throw LinkRefusal(
            .outOfOrder, "a part of a plan that does not follow", position: part.offset)
        }
        bytes = known.source
      }
      let question = PlanQuestion(
        number: part.number, policyEpoch: part.policyEpoch, catalogEpoch: part.catalogEpoch,
        source: bytes + part.bytes)
      guard UInt64(question.source.count) == part.total else {
        state.incoming = question
        return false
      }
      state.incoming = nil
      state.begin(question)
      return true
    }
    if isWhole { wake.signal() }
  }

  /// Begins a plan of this node's own operator; false when one is under way.
  func begin(_ question: PlanQuestion, asker: NodeID) -> Bool {
    let isFirst = state.withLock { state -> Bool in
      guard state.board == nil else { return false }
      state.begin(question)
      state.board = PlanBoard(number: question.number, asker: asker)
      return true
    }
    if isFirst { wake.signal() }
    return isFirst
  }

  /// What came in until now; nil when the operator asks nothing.
  var board: PlanBoard? { state.withLock { $0.board } }

  /// The operator asks no more; what came in.
  func end() { state.withLock { $0.board = nil } }

  /// The question to work on; nil when there is none.
  func next() -> PlanQuestion? {
    state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting
    }
  }

  /// Whether a plan is still the newest.
  func isCurrent(_ number: UInt64) -> Bool { state.withLock { $0.number == number } }

  /// A child was asked.
  func asked(_ child: NodeID, _ number: UInt64) {
    state.withLock { if $0.number == number { $0.asked[child] = 0 } }
  }

  /// The link with a child has ended; the number of the plan that it was asked about, nil when it was asked nothing.
  ///
  /// What it may still tell would lack what was on its way: it is not heard any more.
  func lost(_ child: NodeID) -> UInt64? {
    state.withLock { $0.asked.removeValue(forKey: child) == nil ? nil : $0.number }
  }

  /// Whether a report of a child is to be handed on. Throws `flood` when a child sends too many.
  func admit(_ report: PlanReport, from child: NodeID) throws(LinkRefusal) -> Bool {
    try state.withLock { state throws(LinkRefusal) -> Bool in
      guard state.number == report.number, let count = state.asked[child] else { return false }
      guard count < PlanLimits.reports else {
        throw LinkRefusal(.flood, "more than \(PlanLimits.reports) reports of one plan")
      }
      state.asked[child] = count + 1
      return true
    }
  }

  /// Puts a report on the own operator's board; false when it is for the parent.
  func keep(_ report: PlanReport) -> Bool {
    state.withLock { state in
      guard state.board?.number == report.number else { return false }
      state.board?.take(report)
      return true
    }
  }
}

extension PlanDesk.State {
  fileprivate mutating func begin(_ question: PlanQuestion) {
    waiting = question
    number = question.number
    asked = [:]
  }
}
