/// The time to wait before the next dial: doubles with each failure, jittered so that the villages of a county do not dial in step when it comes back.
package struct Backoff: Sendable {
  /// The least and the most.
  package struct Bounds: Sendable, Hashable {
    package var least = Duration.milliseconds(200)
    package var most = Duration.seconds(30)
    package init() {}
  }

  private let bounds: Bounds
  private var failures = 0

  package init(_ bounds: Bounds = Bounds()) { self.bounds = bounds }

  /// The wait after one more failure: between half of the doubled time and the whole of it.
  package mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    var whole = bounds.least
    for _ in 0..<failures where whole < bounds.most { whole *= 2 }
    whole = min(whole, bounds.most)
    failures = min(failures + 1, 62)
    return whole * Double.random(in: 0.5...1, using: &random)
  }

  /// The link was healthy.
  package mutating func reset() { failures = 0 }
}
