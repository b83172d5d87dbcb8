/// The first two digits of division codes.
///
/// Source: GB/T 2260-2007, provinces, autonomous regions, municipalities and special administrative regions.
package enum RegionCodes {
  /// Every region's two digits, ascending.
  package static let all: [UInt64] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82,
  ]
  private static let mask: [Bool] = {
    var mask = [Bool](repeating: false, count: 100)
    for code in all { mask[Int(code)] = true }
    return mask
  }()

  /// Whether two digits are a region's. (83 is that of residence permits for people from Taiwan.)
  package static func isRegion(_ code: UInt64) -> Bool {
    code < 100 && (mask[Int(code)] || code == 83)
  }

  /// Whether a text is a 12-digit division code of a region that there is.
  package static func isDivisionCode(_ text: String) -> Bool {
    guard let number = Digits.number(text.utf8), text.utf8.count == 12 else { return false }
    return mask[Int(number / 10_000_000_000)]
  }
}
