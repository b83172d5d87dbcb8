/// How far the parent's clock is ahead of this machine's, from what it tells in hellos and heartbeats.
///
/// A told time is old by the line's delay when it is heard, so the greatest of the last few differences is nearest.
package struct ParentClock: Sendable {
  private static let limit = 8
  /// The years 2000 to 2199, in microseconds since 1970 UTC: a clock that tells another time is not to be followed.
  private static let plausible: Range<Int64> = 946_684_800_000_000..<7_258_118_400_000_000
  private var differences: [Int64] = []

  package init() {}

  /// The parent told its clock; both in microseconds since 1970 UTC.
  package mutating func heard(_ clock: Int64, now: Int64) {
    guard Self.plausible.contains(clock) else { return }
    if differences.count == Self.limit { differences.removeFirst() }
    let (difference, isOver) = clock.subtractingReportingOverflow(now)
    differences.append(isOver ? 0 : difference)
  }

  /// The offset in microseconds; 0 below the tolerance, and before anything was heard.
  package func offset(tolerance: Duration) -> Int64 {
    let best = differences.max() ?? 0
    let (seconds, attoseconds) = tolerance.components
    let least = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    return best.magnitude < UInt64(max(0, least)) ? 0 : best
  }
}
