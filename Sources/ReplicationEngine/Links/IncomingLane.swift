import ReplicationCore

/// The receiving side of one lane of a link.
package struct IncomingLane: Sendable {
  /// The next position of the peer's feed.
  package internal(set) var expected: UInt64
  /// A catch-up by state that is under way, or that was interrupted on an earlier link.
  package internal(set) var catchUp: CatchUpCursor?
  /// The catch-up has begun, or goes on, on this link.
  package internal(set) var isRunning = false
  /// Only a catch-up may come: this end has no position in the peer's feed.
  package internal(set) var needsState: Bool
  package internal(set) var unacknowledgedBytes: UInt64 = 0
  /// Progress of a catch-up in records, as the peer tells it.
  package internal(set) var done: UInt64 = 0
  package internal(set) var total: UInt64 = 0

  init(_ state: LaneState) {
    expected = state.received
    catchUp = state.catchUpPosition.map { CatchUpCursor(start: $0, last: state.catchUpLast) }
    needsState = catchUp != nil
  }

  package var isCatchingUp: Bool { needsState || isRunning }

  /// Takes note of a parcel of the feed; the refusal when it does not follow.
  mutating func take(from: UInt64, next: UInt64, lane: Lane) throws(LinkRefusal) {
    // A part of a long policy entry leaves the position where it is.
    guard from <= next else {
      throw LinkRefusal(
        .malformed, "a parcel of lane \(lane.name) from \(from) back to \(next)", position: from)
    }
    guard !isCatchingUp else {
      throw LinkRefusal(
        .outOfOrder, "a parcel of the feed of lane \(lane.name) inside a catch-up", position: from)
    }
    guard from >= expected else {
      throw LinkRefusal(
        .replayed, "lane \(lane.name): position \(from) again; \(expected) is next",
        position: from)
    }
    guard from == expected else {
      throw LinkRefusal(
        .outOfOrder, "lane \(lane.name): position \(from) came where \(expected) is next",
        position: from)
    }
    expected = next
  }

  /// Takes note of a parcel of a catch-up; the refusal when it does not follow.
  mutating func take(
    start: UInt64, last: RecordRef?, done: UInt64, total: UInt64, isComplete: Bool, lane: Lane
  ) throws(LinkRefusal) {
    // A part of one record, counted as nothing: the record before is named again, none when there was none.
    let isPart = !isComplete && total == 0
    guard start > 0, isComplete || isPart || last != nil else {
      throw LinkRefusal(.malformed, "a catch-up parcel of lane \(lane.name) without place")
    }
    if isRunning, catchUp?.start != start {
      throw LinkRefusal(
        .outOfOrder, "lane \(lane.name): a catch-up from \(start) inside another", position: start)
    }
    // A resumed catch-up goes on after the cursor; any other begins anew.
    let before = catchUp?.start == start ? catchUp?.last : nil
    if isPart, last != before {
      throw LinkRefusal(
        .outOfOrder, "lane \(lane.name): a part of a record that does not follow", position: start)
    }
    if !isPart, let before, let last, !before.mayPrecede(last) {
      throw LinkRefusal(
        .replayed, "lane \(lane.name): a catch-up parcel up to \(last) again", position: start)
    }
    if !isPart {
      self.done = done
      self.total = total
    }
    if isComplete {
      expected = start
      catchUp = nil
      isRunning = false
      needsState = false
    } else {
      catchUp = CatchUpCursor(start: start, last: last)
      isRunning = true
    }
  }
}

extension RecordRef {
  /// Whether a walk through records may come to `other` after this one. Keys that are numbers may stand in the order of numbers
  /// as well as of bytes: a link does not know what type a ledger's key has.
  fileprivate func mayPrecede(_ other: RecordRef) -> Bool {
    if self < other { return true }
    guard ledger == other.ledger, let mine = Int64(key), let theirs = Int64(other.key) else {
      return false
    }
    return mine < theirs
  }
}
