/// A 12-digit statistical division code (统计用区划代码): 2 region, 2 city, 2 county, 3 town, 3 village digits, zero-filled.
///
/// Source: National Bureau of Statistics, 统计用区划代码和城乡划分代码编制规则 (2009).
package struct DivisionCode: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The code as a number, 0 … 999 999 999 999.
  package let number: UInt64

  /// Makes a code of a number; nil when it has more than 12 digits.
  package init?(number: UInt64) {
    guard number < 1_000_000_000_000 else { return nil }
    self.number = number
  }

  /// Of a number that has at most 12 digits.
  init(canonical number: UInt64) { self.number = number }

  /// Reads exactly 12 ASCII digits; nil for anything else.
  package init?(_ text: some StringProtocol) {
    var number: UInt64 = 0
    var count = 0
    for byte in text.utf8 {
      guard byte >= 0x30, byte <= 0x39, count < 12 else { return nil }
      number = number * 10 + UInt64(byte - 0x30)
      count += 1
    }
    guard count == 12 else { return nil }
    self.number = number
  }

  /// The 12 digits.
  package var description: String {
    let digits = String(number)
    return String(repeating: "0", count: 12 - digits.utf8.count) + digits
  }

  package static func < (a: Self, b: Self) -> Bool { a.number < b.number }

  /// The level whose digits are the last that are not all zero.
  package var level: DivisionLevel {
    for level in DivisionLevel.allCases.dropLast() where number % level.unit == 0 { return level }
    return .village
  }

  /// Whether `other` is this division or lies below it: same digits up to this code's own level.
  ///
  /// Zeros are never stripped: 4510 is no prefix of 4511.
  package func contains(_ other: DivisionCode) -> Bool {
    let unit = level.unit
    return other.number / unit == number / unit
  }

  /// The code with all digits below `level` set to zero.
  package func truncated(to level: DivisionLevel) -> DivisionCode {
    DivisionCode(number: number / level.unit * level.unit) ?? self
  }
}

/// The five levels of a division code.
package enum DivisionLevel: Int, Sendable, CaseIterable, Comparable {
  case region, city, county, town, village

  /// The number that one step of this level's digits is worth.
  package var unit: UInt64 {
    switch self {
    case .region: 10_000_000_000
    case .city: 100_000_000
    case .county: 1_000_000
    case .town: 1_000
    case .village: 1
    }
  }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
