/// A field's number within its ledger, as the catalog gives it out; never re-used.
package struct FieldID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// 0 … 62.
  package let number: UInt8

  /// Makes an id; the number must be below 63: a set of fields is one word, and the database keeps it as a `bigint`.
  package init(_ number: UInt8) {
    precondition(number < FieldSet.limit, "a field id is below \(FieldSet.limit)")
    self.number = number
  }

  /// Whether the record exists: `bool(true)`, or `deleted` with what the deleter saw. In every view, never gated, without rank.
  package static let alive = FieldID(0)
  /// Verifications: dots of fields that a person vouches for (采核). In every view, never gated.
  package static let verified = FieldID(1)
  /// The number of the first field that a ledger declares.
  package static let firstDeclared: UInt8 = 2

  package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
  package var description: String { "#\(number)" }
}

/// A set of a ledger's fields: one 63-bit word.
package struct FieldSet: Hashable, Sendable, SetAlgebra, CustomStringConvertible {
  /// How many field numbers there are.
  package static let limit: UInt8 = 63
  package var bits: UInt64

  package init() { bits = 0 }
  package init(bits: UInt64) { self.bits = bits & (1 << 63 - 1) }
  package init(_ fields: some Sequence<FieldID>) {
    bits = 0
    for field in fields { bits |= 1 << UInt64(field.number) }
  }

  /// Every field that there can be.
  package static let everything = FieldSet(bits: .max)

  /// The fields that no scope and no gate ever holds back, beside the ledger's home fields.
  package static let existence = FieldSet([FieldID.alive, FieldID.verified])

  package func contains(_ field: FieldID) -> Bool { bits & (1 << UInt64(field.number)) != 0 }
  package func union(_ other: Self) -> Self { Self(bits: bits | other.bits) }
  package func intersection(_ other: Self) -> Self { Self(bits: bits & other.bits) }
  package func symmetricDifference(_ other: Self) -> Self { Self(bits: bits ^ other.bits) }
  package func subtracting(_ other: Self) -> Self { Self(bits: bits & ~other.bits) }
  package mutating func formUnion(_ other: Self) { bits |= other.bits }
  package mutating func formIntersection(_ other: Self) { bits &= other.bits }
  package mutating func formSymmetricDifference(_ other: Self) { bits ^= other.bits }
  package func isSubset(of other: Self) -> Bool { bits & ~other.bits == 0 }
  package var isEmpty: Bool { bits == 0 }

  @discardableResult
  package mutating func insert(_ field: FieldID) -> (inserted: Bool, memberAfterInsert: FieldID) {
    let fresh = !contains(field)
    bits |= 1 << UInt64(field.number)
    return (fresh, field)
  }
  @discardableResult
  package mutating func remove(_ field: FieldID) -> FieldID? {
    guard contains(field) else { return nil }
    bits &= ~(1 << UInt64(field.number))
    return field
  }
  @discardableResult
  package mutating func update(with field: FieldID) -> FieldID? {
    insert(field).inserted ? nil : field
  }

  /// The members, ascending.
  package var members: [FieldID] {
    var rest = bits
    var result: [FieldID] = []
    while rest != 0 {
      result.append(FieldID(UInt8(rest.trailingZeroBitCount)))
      rest &= rest - 1
    }
    return result
  }

  package var description: String { "\(members)" }
}
