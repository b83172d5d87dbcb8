/// A day of the proleptic Gregorian calendar.
package struct CalendarDay: Sendable, Hashable, Comparable {
  package let year: Int
  package let month: Int
  package let day: Int

  /// Makes a day; nil when the calendar has none such. Years 1 … 9999.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= Self.length(ofMonth: month, year: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Reads `YYYY-MM-DD`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D,
      let year = Digits.number(bytes[0..<4]), let month = Digits.number(bytes[5..<7]),
      let day = Digits.number(bytes[8..<10])
    else { return nil }
    self.init(year: Int(year), month: Int(month), day: Int(day))
  }

  /// The day that lies so many days after 1970-01-01. Precondition: within years 1 … 9999, else it is clamped to their ends.
  ///
  /// Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days).
  package init(sinceEpoch days: Int32) {
    let shifted = Int(min(max(days, -719_162), 2_932_896)) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let slot = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * slot + 2) / 5 + 1
    month = slot < 10 ? slot + 3 : slot - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The day in China at a moment: microseconds since 1970 UTC.
  package init(inChinaAt moment: Int64) {
    let seconds = moment / 1_000_000 + 8 * 3600
    self.init(sinceEpoch: Int32(clamping: seconds / 86_400))
  }

  /// Days since 1970-01-01.
  package var sinceEpoch: Int32 {
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let yearOfEra = y - era * 400
    let slot = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * slot + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// How many days a month has.
  package static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  package static func < (a: Self, b: Self) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }
}

extension CalendarDay: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  package var description: String {
    Digits.padded(year, 4) + "-" + Digits.padded(month, 2) + "-" + Digits.padded(day, 2)
  }
}

/// ASCII digits.
package enum Digits {
  /// The number that digits spell; nil when there is anything else, nothing, or more than 18.
  package static func number(_ bytes: some Collection<UInt8>) -> UInt64? {
    guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
    var number: UInt64 = 0
    for byte in bytes {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + UInt64(byte - 0x30)
    }
    return number
  }

  /// A number with leading zeros.
  package static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
