package import ReplicationCore

/// A division and all below it, or one code alone, as two numbers: a code belongs when its number divided by `unit` is `quotient`.
package struct HomePrefix: Sendable, Hashable {
  package let unit: UInt64
  package let quotient: UInt64

  /// Every code.
  package static let everywhere = HomePrefix(unit: 1_000_000_000_000, quotient: 0)

  init(unit: UInt64, quotient: UInt64) {
    self.unit = unit
    self.quotient = quotient
  }

  /// A division and all below it.
  init(_ code: DivisionCode) {
    unit = code.level.unit
    quotient = code.number / unit
  }

  /// One code, without those below it.
  init(exactly code: DivisionCode) { self.init(unit: 1, quotient: code.number) }

  package func contains(_ code: DivisionCode) -> Bool { code.number / unit == quotient }

  /// The prefix of a greater unit that this one lies in.
  func widened(to unit: UInt64) -> HomePrefix {
    HomePrefix(unit: unit, quotient: quotient * self.unit / unit)
  }

  /// The codes that belong; nil for everywhere.
  var codes: ClosedRange<DivisionCode>? {
    guard self != .everywhere, let first = DivisionCode(number: quotient * unit),
      let last = DivisionCode(number: quotient * unit + unit - 1)
    else { return nil }
    return first...last
  }
}
