/// How a reader is shown a value of which it may not see all. A pure description: the policy names it, the masking node signs it.
///
/// Masks are ordered by how little they leave: where several rules give a field, the strictest counts.
package enum Mask: Hashable, Sendable, Comparable {
  /// The usual part of a value of this type: of an identity number the first six and last four characters, of a telephone
  /// number the first three and last four, of any other text (a name) the first character.
  case partial
  /// Of a number the greatest multiple of the step that is not above it. The step is above 0.
  case range(step: Int64)
  /// Of a date or a time the first day of its year.
  case year
  /// A keyed digest (HMAC) with a key for each receiver: equal values stay equal for one receiver, and nobody can compare across two.
  case pseudonym
  /// Nothing but that there is a value.
  case suppressed

  /// From what leaves most to what leaves least.
  package static func < (a: Mask, b: Mask) -> Bool {
    switch (a, b) {
    case (.range(let x), .range(let y)): x < y
    default: a.strictness < b.strictness
    }
  }

  private var strictness: Int {
    switch self {
    case .partial: 0
    case .range: 1
    case .year: 2
    case .pseudonym: 3
    case .suppressed: 4
    }
  }
}

/// The masks of a view by field; what is not named is shown as it is.
package struct FieldMasks: Hashable, Sendable {
  /// Ascending by field.
  package private(set) var entries: [(field: FieldID, mask: Mask)] = []

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }
  package var fields: FieldSet { FieldSet(entries.lazy.map(\.field)) }

  /// Those of some fields.
  package func of(_ fields: FieldSet) -> FieldMasks {
    var result = self
    result.entries.removeAll { !fields.contains($0.field) }
    return result
  }

  package subscript(field: FieldID) -> Mask? {
    get { entries.first { $0.field == field }?.mask }
    set {
      let at = entries.firstIndex { $0.field >= field } ?? entries.endIndex
      if at < entries.endIndex, entries[at].field == field { entries.remove(at: at) }
      if let newValue { entries.insert((field, newValue), at: at) }
    }
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.entries.elementsEqual(b.entries) { $0 == $1 }
  }

  package func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.field)
      hasher.combine(entry.mask)
    }
  }
}
