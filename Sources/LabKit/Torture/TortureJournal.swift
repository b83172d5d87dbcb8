import Governance
import ReplicationCore
import ReplicationEngine
import Synchronization
import SeededRandom

/// What the writers know: kept apart from the system, and the only thing that the check believes.
final class TortureJournal: Sendable {
  /// The longest time that one statement of an application took.
  struct Wait: Sendable {
    var seconds = 0.0
    var place = ""
  }

  struct State: Sendable {
    var writes: [RecordRef: [TortureWrite]] = [:]
    /// In the order in which keys were first written.
    var refs: [RecordRef] = []
    var dots: [RecordRef: [FieldID: [String: String]]] = [:]
    var refused = 0
    var collided = 0
    var longest = Wait()
    /// What an application should never meet: deadlocks, waits, errors.
    var troubles: [String] = []
    var faults: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let numbers = Atomic<Int>(0)
  private let began = ContinuousClock().now

  /// Seconds since the run began.
  var now: Double { (ContinuousClock().now - began) / .seconds(1) }

  /// A number that no other write has.
  func nextNumber() -> Int { numbers.add(1, ordering: .relaxed).newValue }

  var snapshot: State { state.withLock { $0 } }

  func note(_ write: TortureWrite) {
    state.withLock { state in
      if state.writes[write.ref] == nil { state.refs.append(write.ref) }
      state.writes[write.ref, default: []].append(write)
    }
  }

  /// Whether the last that is known of a record is that this node deleted it.
  func isDeleted(_ ref: RecordRef, by node: NodeID) -> Bool {
    let last = state.withLock { $0.writes[ref]?.last }
    return last?.kind == .delete && last?.node == node
  }

  func noteFault(_ kind: String) { state.withLock { $0.faults[kind, default: 0] += 1 } }
  func noteRefusal() { state.withLock { $0.refused += 1 } }
  func noteCollision() { state.withLock { $0.collided += 1 } }

  func noteTrouble(_ text: String) {
    state.withLock { state in
      // The first ones say enough.
      if state.troubles.count < 20 { state.troubles.append(text) }
    }
  }

  func noteWait(_ seconds: Double, _ place: String) {
    state.withLock { state in
      if seconds > state.longest.seconds { state.longest = Wait(seconds: seconds, place: place) }
    }
  }

  /// Remembers which dots values got, for a report.
  func noteDots(_ ref: RecordRef, _ record: Record) {
    state.withLock { state in
      for entry in record.registers {
        for sibling in entry.register.siblings {
          guard let mark = sibling.value.mark else { continue }
          state.dots[ref, default: [:]][entry.field, default: [:]][mark] = "\(sibling.dot)"
        }
      }
    }
  }

  /// One of the known records of a ledger, the newest more often; nil when there is none.
  func pick(_ ledger: LedgerID, using rng: inout SplitMix64) -> RecordRef? {
    let refs = state.withLock { $0.refs.filter { $0.ledger == ledger } }
    guard !refs.isEmpty else { return nil }
    let hot = min(refs.count, 24)
    return rng.isOne(in: 3) ? rng.pick(refs) : refs[refs.count - 1 - rng.below(hot)]
  }
}

extension Value {
  /// The value as the journal writes it: `""` for null; nil for what no writer writes.
  var mark: String? {
    switch self {
    case .null: ""
    case .text(let text), .decimal(let text): text
    case .integer(let number): "\(number)"
    case .bool(let flag): flag ? "true" : "false"
    case .date, .timestamp, .uuid, .bytes, .json, .masked, .deleted, .verified: nil
    }
  }
}
