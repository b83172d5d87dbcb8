import Governance
import ReplicationCore
import SeededRandom

/// Values that tell their write: no two writes give a text field the same one.
enum TortureValues {
  /// A value for a field, unlike the one that stands there; nil for types that are not written.
  static func value(
    for field: LedgerField, number: Int, unlike current: String?, using rng: inout SplitMix64
  ) -> String? {
    switch field.type {
    case .text: mark(number)
    case .phone: "139" + Digits.padded(number % 100_000_000, 8)
    case .integer: "\(number)"
    // A closed list: several writes may give the same code, and the check then believes the kindest.
    case .code(let list): rng.pick(list.items.map(\.code).filter { $0 != current })
    case .date, .timestamp, .decimal, .bool, .division, .identityNumber, .creditCode, .uuid, .json:
      nil
    }
  }

  /// Of fixed width: no mark is the beginning of another.
  static func mark(_ number: Int) -> String { "w" + Digits.padded(number, 9) }

  /// Whether a field's values tell their write.
  static func isUnique(_ type: FieldType) -> Bool {
    switch type {
    case .text, .phone, .integer: true
    default: false
    }
  }

  /// A key that no other record has.
  static func key(_ type: KeyType, seed: UInt64, number: Int) -> String {
    let digits = Digits.padded(number, 12)
    switch type {
    case .uuid:
      let hex = String(seed % 0xFFFF, radix: 16)
      let group = String(repeating: "0", count: 4 - hex.utf8.count) + hex
      return "0190a0b0-\(group)-7000-8000-\(digits)"
    case .text: return "k\(digits)"
    case .bigint: return "\(number)"
    }
  }

  /// A village's code that has no node, in the same town: it is moved within the town's view and tells its write.
  static func neighbour(of village: DivisionCode, using rng: inout SplitMix64) -> String {
    let town = village.truncated(to: .town)
    let code = DivisionCode(number: town.number + 500 + UInt64(rng.below(400)))
    return (code ?? village).description
  }
}
