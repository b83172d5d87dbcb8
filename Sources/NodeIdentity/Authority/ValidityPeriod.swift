import FoundationEssentials

/// From when until when a certificate may be used.
package struct ValidityPeriod: Hashable, Sendable {
  /// The first moment, in microseconds since 1970, UTC.
  package let from: Int64
  /// How long, in days.
  package let days: Int

  /// Makes a period. `from` is in microseconds since 1970, UTC; certificates keep whole seconds of it.
  package init(from: Int64, days: Int) {
    self.from = from
    self.days = days
  }

  var start: Date { Date(timeIntervalSince1970: Double(from / 1_000_000)) }
  var end: Date { start.addingTimeInterval(Double(days) * 86_400) }
}

extension Date {
  /// Microseconds since 1970, UTC.
  var microseconds: Int64 { Int64(timeIntervalSince1970 * 1_000_000) }
}
