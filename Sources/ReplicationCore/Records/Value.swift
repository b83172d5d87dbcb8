/// A value of a field, in canonical form: equal values have equal bytes.
package enum Value: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// Digits as stored, no exponent; the scale counts: 1.0 is not 1.00.
  case decimal(String)
  /// UTF-8 bytes as they are, never normalised.
  case text(String)
  /// Days since 1970-01-01, proleptic Gregorian.
  case date(Int32)
  /// Microseconds since 1970-01-01T00:00:00Z.
  case timestamp(Int64)
  /// The 16 bytes of a UUID, most significant first.
  case uuid(UInt64, UInt64)
  case bytes([UInt8])
  /// JSON text in the canonical form of RFC 8785.
  case json(String)
  /// What a mask left of the value: what a node holds that may not see all of it. No author's value.
  indirect case masked(MaskedValue)
  /// The value of `alive` that a deletion writes: per field the context that the deleter saw.
  case deleted([FieldContext])
  /// The value of `verified`: all that one replica vouches for, ascending by field and dot.
  case verified([Verification])

  /// Whether this is the value of `alive` that marks a record as deleted.
  package var isDeletion: Bool { if case .deleted = self { true } else { false } }
}

/// A value as a mask leaves it.
package struct MaskedValue: Hashable, Sendable {
  package let mask: Mask
  /// Of the field's own type; null where nothing is left, or there was nothing. Never masked itself.
  package let shown: Value

  package init(mask: Mask, shown: Value) {
    self.mask = mask
    self.shown = shown
  }
}

extension Value {
  /// Whether a mask stands before it.
  package var isMasked: Bool { if case .masked = self { true } else { false } }
  /// Whether it shows no more than a mask leaves; nil: nothing is to be hidden.
  package func isHidden(by mask: Mask?) -> Bool {
    guard let mask else { return true }
    if case .masked(let masked) = self { return masked.mask >= mask }
    return false
  }

  /// The value as people see it: what a mask leaves, and any other as it is.
  package var unwrapped: Value { if case .masked(let masked) = self { masked.shown } else { self } }
}

/// A field and a context of it.
package struct FieldContext: Hashable, Sendable {
  package let field: FieldID
  package let context: VersionVector
  package init(_ field: FieldID, _ context: VersionVector) {
    self.field = field
    self.context = context
  }
}

/// A field and a dot that wrote it.
package struct FieldDot: Hashable, Sendable {
  package let field: FieldID
  package let dot: Dot
  package init(_ field: FieldID, _ dot: Dot) {
    self.field = field
    self.dot = dot
  }
}

extension Value: Hashable {
  /// Compares texts by their bytes: Swift's own comparison of strings would take canonically equivalent ones as equal.
  package static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.integer(let x), .integer(let y)): x == y
    case (.text(let x), .text(let y)), (.decimal(let x), .decimal(let y)),
      (.json(let x), .json(let y)):
      x.utf8.elementsEqual(y.utf8)
    case (.date(let x), .date(let y)): x == y
    case (.timestamp(let x), .timestamp(let y)): x == y
    case (.uuid(let x, let u), .uuid(let y, let v)): x == y && u == v
    case (.bytes(let x), .bytes(let y)): x == y
    case (.masked(let x), .masked(let y)): x == y
    case (.deleted(let x), .deleted(let y)): x == y
    case (.verified(let x), .verified(let y)): x == y
    default: false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let x): hasher.combine(x)
    case .integer(let x), .timestamp(let x): hasher.combine(x)
    case .decimal(let x), .text(let x), .json(let x): for byte in x.utf8 { hasher.combine(byte) }
    case .date(let x): hasher.combine(x)
    case .uuid(let x, let y):
      hasher.combine(x)
      hasher.combine(y)
    case .bytes(let x): hasher.combine(x)
    case .masked(let x): hasher.combine(x)
    case .deleted(let x): hasher.combine(x)
    case .verified(let x): hasher.combine(x)
    }
  }
}
