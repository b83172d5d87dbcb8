/// How fast a catch-up by state goes, by its last half minute.
struct CatchUpPace: Sendable {
  private struct Sample: Sendable {
    let done: UInt64
    /// Microseconds since 1970 UTC.
    let time: Int64
  }

  private static let spacing: Int64 = 250_000
  private static let window: Int64 = 30_000_000
  private var samples: [Sample] = []

  /// Takes note of how many records are done; another catch-up begins from fewer.
  mutating func note(_ done: UInt64, now: Int64) {
    if let last = samples.last {
      if done < last.done || now < last.time { samples = [] }
      if !samples.isEmpty, now - last.time < Self.spacing { return }
    }
    samples.append(Sample(done: done, time: now))
    if let old = samples.lastIndex(where: { now - $0.time > Self.window }), old > 0 {
      samples.removeFirst(old)
    }
  }

  /// Records a second; nil while there is only one sample.
  func rate(_ done: UInt64, now: Int64) -> Double? {
    guard let first = samples.first, now > first.time, done > first.done else { return nil }
    return Double(done - first.done) * 1_000_000 / Double(now - first.time)
  }
}
