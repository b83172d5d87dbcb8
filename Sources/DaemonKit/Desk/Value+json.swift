import Governance
import ReplicationCore

extension Value {
  /// The value as JSON has it: dates and times in ISO 8601, UTC; what only the rules use, by name.
  var json: JSON {
    switch self {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .integer(let number): .integer(number)
    case .decimal(let digits): .number(digits)
    case .text(let text), .json(let text): .string(text)
    case .date(let days): .string(CalendarDay(sinceEpoch: days).description)
    case .timestamp(let time): .string(Timestamp(time).description)
    case .uuid(let high, let low): .string(Self.uuidText(high, low))
    case .bytes(let bytes): .string(bytes.map { Digits.hexadecimal($0) }.joined())
    case .deleted: "deleted"
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
  static func hexadecimal(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
  }
}

/// A time as JSON and people have it: `2026-11-21T21:24:51.123456Z`.
struct Timestamp: CustomStringConvertible {
  private let microseconds: Int64

  /// Microseconds since 1970 UTC.
  init(_ microseconds: Int64) { self.microseconds = microseconds }

  var description: String {
    let day: Int64 = 86_400_000_000
    let days = (microseconds >= 0 ? microseconds : microseconds - day + 1) / day
    let rest = microseconds - days * day
    let second = rest / 1_000_000
    let date = CalendarDay(sinceEpoch: Int32(truncatingIfNeeded: days))
    let time = [second / 3600, second / 60 % 60, second % 60].map { Digits.padded($0, 2) }
    return "\(date)T\(time.joined(separator: ":")).\(Digits.padded(rest % 1_000_000, 6))Z"
  }
}
