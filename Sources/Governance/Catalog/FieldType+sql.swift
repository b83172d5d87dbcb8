import ReplicationCore

extension FieldType {
  /// The longest text or JSON, in bytes: a record must fit into a frame of a link.
  package static let maximumTextBytes = 65_536

  /// The type of the ledger's column.
  package var sqlType: String {
    switch self {
    case .text, .code, .division, .identityNumber, .creditCode, .phone: "text"
    case .date: "date"
    case .timestamp: "timestamptz"
    case .integer: "bigint"
    case .decimal: "numeric"
    case .bool: "boolean"
    case .uuid: "uuid"
    case .json: "jsonb"
    }
  }

  /// A boolean SQL expression that is true, or null, where `expression` (a column, of `sqlType`) holds a valid value; nil when every value of the type is valid.
  ///
  /// Needs `NationalCodes.sqlFunctions`. Null is always valid here: what must be there is the ledger's matter.
  package func sqlCheck(_ expression: String) -> String? {
    switch self {
    case .text: "octet_length(\(expression)) <= \(Self.maximumTextBytes)"
    case .code(let list):
      "\(expression) IN ("
        + list.items.map { "'" + Self.quoted($0.code) + "'" }.joined(separator: ", ") + ")"
    case .date: "\(expression) BETWEEN '0001-01-01' AND '9999-12-31'"
    case .timestamp:
      "\(expression) BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00'"
    case .decimal:
      "\(expression) NOT IN ('NaN', 'Infinity', '-Infinity')"
        + " AND octet_length(\(expression)::text) <= \(Self.maximumDecimalBytes)"
    case .division: "huijia.valid_division_code(\(expression))"
    case .identityNumber: "huijia.valid_identity_number(\(expression))"
    case .creditCode: "huijia.valid_credit_code(\(expression))"
    case .phone: "huijia.valid_phone(\(expression))"
    case .json:
      // So deep a text has some length: the path is rarely walked.
      "octet_length(\(expression)::text) <= \(Self.maximumTextBytes) AND"
        + " (octet_length(\(expression)::text) < \(2 * CanonicalJSON.depth)"
        + " OR NOT jsonb_path_exists(\(expression), 'strict $.**{\(CanonicalJSON.depth)}"
        + " ? (@.type() == \"array\" || @.type() == \"object\")'))"
    case .integer, .bool, .uuid: nil
    }
  }

  /// The longest decimal, in digits and signs.
  package static let maximumDecimalBytes = 256

  private static func quoted(_ text: String) -> String {
    text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
  }
}
