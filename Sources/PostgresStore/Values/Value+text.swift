package import Governance
package import ReplicationCore

extension Value {
  /// The value as PostgreSQL reads it in its column's type: dates and times in ISO 8601, UTC. Nil for null.
  ///
  /// Existence is `true` or `false`.
  package var text: String? {
    switch self {
    case .null: nil
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .decimal(let text), .text(let text), .json(let text): text
    case .date(let days): CalendarDay(sinceEpoch: days).description
    case .timestamp(let time): Timestamp(time).description
    case .uuid(let high, let low): Self.uuidText(high, low)
    case .bytes(let bytes): bytes.map { Digits.hexadecimal($0) }.joined()
    case .masked(let masked): masked.shown.text
    case .deleted: "false"
    case .verified: "verified"
    }
  }

  private static func uuidText(_ high: UInt64, _ low: UInt64) -> String {
    var text = ""
    for shift in stride(from: 56, through: 0, by: -8) {
      text += Digits.hexadecimal(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
      if shift == 32 || shift == 16 || shift == 0 { text += "-" }
    }
    for shift in stride(from: 56, through: 0, by: -8) {
      text += Digits.hexadecimal(UInt8(truncatingIfNeeded: low >> UInt64(shift)))
      if shift == 48 { text += "-" }
    }
    return text
  }
}

extension Digits {
  /// Two lower-case hexadecimal digits.
  package static func hexadecimal(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
  }
}

/// A time as JSON and people have it: `2026-11-21T21:24:51.123456Z`.
package struct Timestamp: CustomStringConvertible {
  private let microseconds: Int64

  /// Microseconds since 1970 UTC.
  package init(_ microseconds: Int64) { self.microseconds = microseconds }

  package var description: String {
    let day: Int64 = 86_400_000_000
    let days = (microseconds >= 0 ? microseconds : microseconds - day + 1) / day
    let rest = microseconds - days * day
    let second = rest / 1_000_000
    let date = CalendarDay(sinceEpoch: Int32(truncatingIfNeeded: days))
    let time = [second / 3600, second / 60 % 60, second % 60].map { Digits.padded($0, 2) }
    return "\(date)T\(time.joined(separator: ":")).\(Digits.padded(rest % 1_000_000, 6))Z"
  }
}
