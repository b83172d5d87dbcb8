import ReplicationCore

/// When the feed had grown to which position: tells how long the oldest unacknowledged entry has waited.
///
/// Bounded: marks are at least a tenth of a second apart, and when there are too many every second one goes.
struct ProgressMarks: Sendable {
  private struct Mark: Sendable {
    var head: FeedHeads
    var time: Int64
  }

  private static let limit = 512
  private static let spacing: Int64 = 100_000
  private var marks: [Mark] = []

  /// The feed has grown, or the link begins with entries to send.
  mutating func grew(_ machine: LinkMachine, now: Int64) {
    let head = FeedHeads(bulk: machine[out: .bulk].head, urgent: machine[out: .urgent].head)
    guard machine.isOutstanding else { return }
    if let last = marks.last {
      guard last.head != head, now - last.time >= Self.spacing else { return }
    }
    if marks.count == Self.limit {
      marks = marks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    marks.append(Mark(head: head, time: now))
  }

  /// The peer has acknowledged.
  mutating func acknowledged(_ machine: LinkMachine, now: Int64) {
    let bulk = machine[out: .bulk].acknowledged
    let urgent = machine[out: .urgent].acknowledged
    let passed = marks.firstIndex { $0.head.bulk > bulk || $0.head.urgent > urgent }
    marks.removeFirst(passed ?? marks.count)
    // Entries after the last mark: they have waited no longer than since now.
    if marks.isEmpty { grew(machine, now: now) }
  }

  /// How long the oldest mark has waited, in seconds.
  func behind(now: Int64) -> Double {
    guard let first = marks.first else { return 0 }
    return Double(max(0, now - first.time)) / 1_000_000
  }
}

extension LinkMachine {
  /// Whether the feed has entries that the peer has not acknowledged.
  var isOutstanding: Bool {
    Lane.allCases.contains { self[out: $0].acknowledged < self[out: $0].head }
  }
}
