package import ReplicationCore

/// The sending side of one lane of a link.
package struct OutgoingLane: Sendable {
  /// A parcel that the peer has not acknowledged.
  struct InFlight: Sendable {
    let span: Parcel.Span
    let bytes: Int
  }

  /// What is to be sent next.
  package enum Mode: Sendable, Hashable {
    /// The feed from `next` on.
    case feed
    /// States after a record; when all are through, the feed from `start` on.
    case catchUp(start: UInt64, after: RecordRef?)
  }

  package internal(set) var mode = Mode.feed
  /// The next position of the feed to send.
  package internal(set) var next: UInt64
  /// The next position that the feed will give out.
  package internal(set) var head: UInt64
  /// The next position that the peer has not acknowledged.
  package internal(set) var acknowledged: UInt64
  package internal(set) var unacknowledgedBytes = 0
  /// Progress of a catch-up in records.
  package internal(set) var done: UInt64 = 0
  package internal(set) var total: UInt64 = 0
  /// Inside a long policy entry: the record to go on after.
  package internal(set) var resuming: RecordRef?
  private var inFlight: [InFlight] = []
  private var first = 0

  init(_ opening: LinkOpening.LaneOpening) {
    next = opening.feed.upperBound
    head = opening.feed.upperBound
    acknowledged = opening.state.acknowledged
  }

  package var isCatchingUp: Bool { mode != .feed || catchUpInFlight }
  /// Parcels that are not acknowledged.
  package var inFlightCount: Int { inFlight.count - first }
  /// Whether there is something to send.
  package var hasMore: Bool { mode != .feed || next < head }
  private var catchUpInFlight: Bool {
    guard first < inFlight.count, case .catchUp = inFlight[first].span else { return false }
    return true
  }

  mutating func sent(_ span: Parcel.Span, bytes: Int, resuming: RecordRef?) {
    inFlight.append(InFlight(span: span, bytes: bytes))
    unacknowledgedBytes += bytes
    switch span {
    case .feed(_, let next):
      self.next = next
      self.resuming = resuming
    case .catchUp(let start, let last, let done, let total, let isComplete):
      if total > 0 || isComplete {
        self.done = done
        self.total = total
      }
      if isComplete {
        mode = .feed
        next = start
      } else {
        mode = .catchUp(start: start, after: last)
      }
    }
  }

  /// Takes the first `count` parcels off when the last of them `matches`; false, and nothing happens, when it does not.
  mutating func acknowledge(_ count: UInt64, _ matches: (Parcel.Span) -> Bool) -> Bool {
    guard count > 0, count <= UInt64(inFlightCount) else { return false }
    let end = first + Int(count)
    guard matches(inFlight[end - 1].span) else { return false }
    for parcel in inFlight[first..<end] {
      unacknowledgedBytes -= parcel.bytes
      switch parcel.span {
      case .feed(_, let next): acknowledged = next
      case .catchUp(let start, _, _, _, true): acknowledged = max(acknowledged, start)
      case .catchUp: break
      }
    }
    first = end
    if first == inFlight.count || first > 256 {
      inFlight.removeFirst(first)
      first = 0
    }
    return true
  }
}
