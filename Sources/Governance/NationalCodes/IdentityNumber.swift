/// A citizen identity number (公民身份号码): 6 digits area, 8 digits birth date, 3 digits sequence, a check character.
///
/// Source: GB 11643-1999; the check character is ISO/IEC 7064 MOD 11-2.
package struct IdentityNumber: Sendable, Hashable {
  /// Six digits: the county-level division of first registration, which may no longer exist.
  package let area: UInt32
  package let birth: CalendarDay
  /// 0 … 999; odd for men, even for women.
  package let sequence: UInt16
  /// The 18 characters; the last may be `X`.
  package let text: String

  /// Whether it was given to a man.
  package var isMale: Bool { sequence % 2 == 1 }

  /// Reads 18 characters; nil when the region, the birth date or the check character is wrong. A small `x` is wrong: equal numbers have equal bytes.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 18, let area = Digits.number(bytes[0..<6]),
      RegionCodes.isRegion(area / 10_000),
      let year = Digits.number(bytes[6..<10]), year >= 1800,
      let month = Digits.number(bytes[10..<12]), let day = Digits.number(bytes[12..<14]),
      let birth = CalendarDay(year: Int(year), month: Int(month), day: Int(day)),
      let sequence = Digits.number(bytes[14..<17]),
      bytes[17] == Self.checkCharacter(bytes[0..<17])
    else { return nil }
    self.area = UInt32(area)
    self.birth = birth
    self.sequence = UInt16(sequence)
    self.text = String(text)
  }

  /// Makes a number with its check character; nil when the region is none or the sequence above 999.
  package init?(area: UInt32, birth: CalendarDay, sequence: UInt16) {
    guard area < 1_000_000, sequence < 1000 else { return nil }
    let body =
      Digits.padded(area, 6) + Digits.padded(birth.year, 4) + Digits.padded(birth.month, 2)
      + Digits.padded(birth.day, 2) + Digits.padded(sequence, 3)
    let check = Self.checkCharacter(Array(body.utf8)[...])
    self.init(body + String(UnicodeScalar(check)))
  }

  /// The check character of 17 digits: weights 2^(17-i) mod 11.
  private static func checkCharacter(_ digits: ArraySlice<UInt8>) -> UInt8 {
    var sum = 0
    for digit in digits { sum = (sum + Int(digit &- 0x30)) * 2 % 11 }
    let check = (12 - sum) % 11
    return check == 10 ? 0x58 : 0x30 + UInt8(check)
  }
}
