/// Telephone numbers as people write them down: mobile, fixed line with area code, short, or international.
///
/// Source: 电信网编号计划 (2017), YD/T 2512; ITU-T E.164 for numbers that begin with `+`.
package enum PhoneNumber {
  /// Whether a text is one: 11 digits from 13 to 19; `0` and area code, an optional `-`, 7 or 8 digits, an optional `-` and extension; 3 to 8 digits; `+` and 6 to 15 digits.
  package static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first else { return false }
    if first == 0x2B {
      return (6...15).contains(bytes.count - 1) && areDigits(bytes.dropFirst())
    }
    if areDigits(bytes[...]) {
      if (3...8).contains(bytes.count) { return true }
      if bytes.count == 11, first == 0x31, bytes[1] >= 0x33 { return true }
    }
    return first == 0x30 && [3, 4].contains { isFixed(bytes, areaDigits: $0) }
  }

  private static func isFixed(_ bytes: [UInt8], areaDigits: Int) -> Bool {
    guard bytes.count > areaDigits, areDigits(bytes[..<areaDigits]) else { return false }
    var rest = bytes[areaDigits...]
    if rest.first == 0x2D { rest = rest.dropFirst() }
    let parts = rest.split(separator: 0x2D, omittingEmptySubsequences: false)
    guard let number = parts.first, (7...8).contains(number.count), areDigits(number) else {
      return false
    }
    if parts.count == 1 { return true }
    return parts.count == 2 && (1...6).contains(parts[1].count) && areDigits(parts[1])
  }

  private static func areDigits(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.allSatisfy { (0x30...0x39).contains($0) }
  }
}
