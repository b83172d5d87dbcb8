/// What a field's values are.
package enum FieldType: Sendable, Hashable {
  case text
  /// One of a closed list.
  case code(CodeList)
  case date
  case timestamp
  case integer
  case decimal
  case bool
  /// A 12-digit division code.
  case division
  /// GB 11643.
  case identityNumber
  /// GB 32100.
  case creditCode
  case phone
  case uuid
  case json

  /// The names as catalogs have them; `code` also needs `codes:`.
  static let names = [
    "text", "code", "date", "timestamp", "integer", "decimal", "bool", "division",
    "identity_number", "credit_code", "phone", "uuid", "json",
  ]

  /// A type that needs nothing but its name; nil for `code` and for unknown names.
  init?(name: String) {
    switch name {
    case "text": self = .text
    case "date": self = .date
    case "timestamp": self = .timestamp
    case "integer": self = .integer
    case "decimal": self = .decimal
    case "bool": self = .bool
    case "division": self = .division
    case "identity_number": self = .identityNumber
    case "credit_code": self = .creditCode
    case "phone": self = .phone
    case "uuid": self = .uuid
    case "json": self = .json
    default: return nil
    }
  }

  /// The name as catalogs and JSON have it.
  package var name: String {
    switch self {
    case .text: "text"
    case .code: "code"
    case .date: "date"
    case .timestamp: "timestamp"
    case .integer: "integer"
    case .decimal: "decimal"
    case .bool: "bool"
    case .division: "division"
    case .identityNumber: "identity_number"
    case .creditCode: "credit_code"
    case .phone: "phone"
    case .uuid: "uuid"
    case .json: "json"
    }
  }

  /// The list that a code is from; nil for every other type.
  package var codes: CodeList? {
    if case .code(let list) = self { list } else { nil }
  }

  /// Whether a value of this type names a person or a body by itself: such a field is always sensitive, and never a key.
  package var isIdentifying: Bool { self == .identityNumber }
}
