/// A unified social credit code (统一社会信用代码): registering department, kind, 6 digits division, 9 characters organization code, a check character.
///
/// Source: GB 32100-2015; the organization code within has its own check character, GB 11714-1997.
package struct CreditCode: Sendable, Hashable {
  /// The 31 characters by value: digits and capitals without I, O, S, V, Z.
  package static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
  private static let values: [UInt8: Int] = {
    var values: [UInt8: Int] = [:]
    for (value, byte) in alphabet.enumerated() { values[byte] = value }
    return values
  }()
  /// Weight i is 3^i mod 31.
  private static let weights = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
  ]
  private static let organizationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

  /// The 18 characters.
  package let text: String

  /// Reads 18 characters; nil when one is not of the alphabet, the division is no digits or no region, or either check character is wrong.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 18, let area = Digits.number(bytes[2..<8]),
      RegionCodes.isRegion(area / 10_000) || area / 10_000 == 10,
      Self.values[bytes[0]] != nil, Self.values[bytes[1]] != nil,
      let organization = Self.organizationCheck(bytes[8..<16]), bytes[16] == organization,
      let check = Self.check(bytes[0..<17]), bytes[17] == check
    else { return nil }
    self.text = String(text)
  }

  /// Makes a code with its check characters; nil when a part has a wrong length or character.
  package init?(department: String, division: UInt32, organization: String) {
    var bytes = Array((department + Digits.padded(division, 6) + organization).utf8)
    guard bytes.count == 16, let inner = Self.organizationCheck(bytes[8..<16]) else { return nil }
    bytes.append(inner)
    guard let outer = Self.check(bytes[0..<17]) else { return nil }
    bytes.append(outer)
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  private static func check(_ body: ArraySlice<UInt8>) -> UInt8? {
    var sum = 0
    for (byte, weight) in zip(body, weights) {
      guard let value = values[byte] else { return nil }
      sum += value * weight
    }
    return alphabet[(31 - sum % 31) % 31]
  }

  /// Digits and all 26 capitals count here by GB 11714 (A is 10 … Z is 35).
  private static func organizationCheck(_ body: ArraySlice<UInt8>) -> UInt8? {
    var sum = 0
    for (byte, weight) in zip(body, organizationWeights) {
      switch byte {
      case 0x30...0x39: sum += Int(byte - 0x30) * weight
      case 0x41...0x5A: sum += Int(byte - 0x41 + 10) * weight
      default: return nil
      }
    }
    let check = (11 - sum % 11) % 11
    return check == 10 ? 0x58 : 0x30 + UInt8(check)
  }
}
