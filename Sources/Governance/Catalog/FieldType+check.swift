package import ReplicationCore

/// Why a value is not valid for its field; holds no value.
package enum FieldProblem: String, Sendable, Hashable {
  case wrongKind = "is of another kind than the field"
  case notOnList = "is not on the field's list of codes"
  case notFinite = "lies outside the years 0001 to 9999"
  case notDivision = "is not a 12-digit division code of a region that there is"
  case notIdentityNumber =
    "is not an identity number: 18 characters, a date of birth, a check character (GB 11643)"
  case notCreditCode = "is not a unified social credit code with right check characters (GB 32100)"
  case notPhone = "is not a telephone number"
  case notDecimal = "is not a plain decimal number"
  case tooLong = "is longer than a field may be"
  case hasZero = "holds a zero character"
}

extension FieldType {
  /// Judges a value; nil when it is valid. Null is valid here.
  package func check(_ value: Value) -> FieldProblem? {
    if case .null = value { return nil }
    switch (self, value) {
    case (.text, .text(let text)): return Self.checkText(text)
    case (.code(let list), .text(let text)): return list.contains(text) ? nil : .notOnList
    case (.date, .date(let days)): return Self.days.contains(days) ? nil : .notFinite
    case (.timestamp, .timestamp(let time)):
      return Self.microseconds.contains(time) ? nil : .notFinite
    case (.decimal, .decimal(let text)): return Self.checkDecimal(text)
    case (.division, .text(let text)):
      return RegionCodes.isDivisionCode(text) ? nil : .notDivision
    case (.identityNumber, .text(let text)):
      return IdentityNumber(text) == nil ? .notIdentityNumber : nil
    case (.creditCode, .text(let text)): return CreditCode(text) == nil ? .notCreditCode : nil
    case (.phone, .text(let text)): return PhoneNumber.isValid(text) ? nil : .notPhone
    case (.json, .json(let text)): return Self.checkText(text)
    case (.integer, .integer), (.bool, .bool), (.uuid, .uuid): return nil
    default: return .wrongKind
    }
  }

  /// 0001-01-01 … 9999-12-31.
  private static let days: ClosedRange<Int32> = -719_162...2_932_896
  private static let microseconds: ClosedRange<Int64> =
    (-719_162 * 86_400_000_000)...(2_932_897 * 86_400_000_000 - 1)

  /// Characters of the private use area and of the supplementary planes are text like any other.
  private static func checkText(_ text: String) -> FieldProblem? {
    if text.utf8.count > maximumTextBytes { return .tooLong }
    return text.utf8.contains(0) ? .hasZero : nil
  }

  private static func checkDecimal(_ text: String) -> FieldProblem? {
    if text.utf8.count > maximumDecimalBytes { return .tooLong }
    var digits = text.utf8[...]
    if digits.first == 0x2D { digits = digits.dropFirst() }
    let parts = digits.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) }
    }
    return isPlain ? nil : .notDecimal
  }
}
