import PostgresStore
import ReplicationCore

extension Value {
  /// The value as JSON has it: dates and times in ISO 8601, UTC; what only the rules use, by name.
  var json: JSON {
    switch self {
    case .bool(let flag): .bool(flag)
    case .integer(let number): .integer(number)
    case .decimal(let digits): .number(digits)
    case .masked(let masked): masked.shown.json
    case .deleted: "deleted"
    case .null, .text, .json, .date, .timestamp, .uuid, .bytes, .verified: .optional(text)
    }
  }
}
