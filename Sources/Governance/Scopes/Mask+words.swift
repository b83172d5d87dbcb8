package import ReplicationCore

extension Mask {
  static let words = ["partial", "year", "pseudonym", "suppress", "range"]

  /// As a policy writes it: `partial`, `range 10`.
  package var words: String {
    switch self {
    case .partial: "partial"
    case .range(let step): "range \(step)"
    case .year: "year"
    case .pseudonym: "pseudonym"
    case .suppressed: "suppress"
    }
  }

  /// Whether the mask can be put on values of a type.
  package func fits(_ type: FieldType) -> Bool {
    switch self {
    case .suppressed: true
    case .range: type == .integer || type == .decimal
    case .year: type == .date || type == .timestamp
    case .partial, .pseudonym:
      switch type {
      case .text, .identityNumber, .creditCode, .phone: true
      default: false
      }
    }
  }
}

extension FieldMasks {
  /// Of each field the stricter of both masks.
  mutating func formStricter(_ other: FieldMasks) {
    if isEmpty {
      self = other
      return
    }
    for (field, mask) in other.entries {
      if let own = self[field], own >= mask { continue }
      self[field] = mask
    }
  }

  /// Without the masks of some fields.
  func subtracting(_ fields: FieldSet) -> FieldMasks {
    if isEmpty || self.fields.isDisjoint(with: fields) { return self }
    var result = FieldMasks()
    for (field, mask) in entries where !fields.contains(field) { result[field] = mask }
    return result
  }
}
