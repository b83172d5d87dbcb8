package import ReplicationCore
import Synchronization

/// What the node has asked its parent and waits for, and what its children wait for: in memory, bounded, asked anew after a restart.
package final class HandoverQuestions: Sendable {
  package init() {}

  /// One value that a child asks about.
  private struct Value: Hashable {
    let child: NodeID
    let ref: RecordRef
    let field: FieldID
    let dot: Dot
  }

  /// Who waits for a group of an inquiry.
  private enum Asker {
    case row(UInt64)
    case child(NodeID)
  }

  private struct State {
    var nextID: UInt64 = 1
    /// Passed on at the next opportunity.
    var onward: [(child: NodeID, group: HandoverInquiry.Group)] = []
    var pending: (id: UInt64, askers: [Asker], groups: [HandoverInquiry.Group], at: Int64)?
    /// What the parent said is safe, for children that ask again.
    var safe = Set<Value>()
  }

  /// Groups of children that wait to be passed on; more wait for the child's next inquiry.
  private static let onwardLimit = 1024
  /// Values of children that the parent called safe; when full it begins anew, and the parent is asked again.
  private static let safeLimit = 65_536
  /// An answer that did not come within this time is waited for no more, in microseconds.
  private static let patience: Int64 = 30_000_000

  private let state = Mutex(State())

  /// Completes what this node could tell a child by what its parent has said before, and remembers the rest for it.
  package func complete(
    _ verdict: HandoverVerdict, of inquiry: HandoverInquiry, by child: NodeID
  ) -> [Bool] {
    state.withLock { state in
      var isSafe = verdict.isSafe
      var index = 0
      for group in inquiry.groups {
        for question in group.questions {
          let value = Value(
            child: child, ref: group.ref, field: question.field, dot: question.dot)
          if state.safe.contains(value) { isSafe[index] = true }
          index += 1
        }
      }
      for group in verdict.onward {
        let open = group.questions.filter {
          !state.safe.contains(
            Value(child: child, ref: group.ref, field: $0.field, dot: $0.dot))
        }
        let isKnown = state.onward.contains { $0.child == child && $0.group.ref == group.ref }
        if open.isEmpty || isKnown || state.onward.count >= Self.onwardLimit { continue }
        state.onward.append((child, group))
      }
      return isSafe
    }
  }

  /// Whether a new inquiry may go out now.
  package func mayAsk(at now: Int64) -> Bool {
    state.withLock { state in
      guard let pending = state.pending else { return true }
      return now - pending.at > Self.patience || now < pending.at
    }
  }

  /// The next inquiry: the node's own rows, then what children wait for; nil when there is nothing to ask.
  package func next(
    _ rows: [(id: UInt64, group: HandoverInquiry.Group)], at now: Int64
  ) -> HandoverInquiry? {
    state.withLock { state in
      var askers: [Asker] = rows.map { .row($0.id) }
      var groups = rows.map(\.group)
      var room =
        HandoverInquiry.maximumQuestions - groups.reduce(0) { $0 + $1.questions.count }
      while let first = state.onward.first, groups.count < HandoverInquiry.maximumGroups,
        first.group.questions.count <= room
      {
        state.onward.removeFirst()
        room -= first.group.questions.count
        askers.append(.child(first.child))
        groups.append(first.group)
      }
      guard !groups.isEmpty else { return nil }
      let id = state.nextID
      state.nextID += 1
      state.pending = (id, askers, groups, now)
      return HandoverInquiry(id: id, groups: groups)
    }
  }

  /// The link could not take the inquiry.
  func notSent() { state.withLock { $0.pending = nil } }

  /// Takes the parent's answer; the rows of which every value is safe. Nil: nothing was asked so.
  package func answered(_ answer: HandoverAnswer) -> [UInt64]? {
    state.withLock { state in
      guard let pending = state.pending, pending.id == answer.id else {
        // The answer to one that was given up, or of an earlier channel.
        return answer.id < state.nextID ? [] : nil
      }
      state.pending = nil
      var rest = answer.isSafe[...]
      var rows: [UInt64] = []
      for (asker, group) in zip(pending.askers, pending.groups) {
        let answers = rest.prefix(group.questions.count)
        guard answers.count == group.questions.count else { return nil }
        rest = rest.dropFirst(answers.count)
        switch asker {
        case .row(let id): if answers.allSatisfy({ $0 }) { rows.append(id) }
        case .child(let child):
          if state.safe.count > Self.safeLimit { state.safe = [] }
          for (question, isSafe) in zip(group.questions, answers) where isSafe {
            state.safe.insert(
              Value(child: child, ref: group.ref, field: question.field, dot: question.dot))
          }
        }
      }
      return rest.isEmpty ? rows : nil
    }
  }
}
