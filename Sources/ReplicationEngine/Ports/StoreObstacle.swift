package import ReplicationCore

/// Why a store can hold a record or a value under no circumstances; holds no value.
package enum StoreObstacle: Sendable, Hashable {
  /// The catalog declares no such ledger.
  case unknownLedger
  /// The key is not one of the ledger's type, in its only form.
  case invalidKey
  /// The ledger has no such field.
  case unknownField
  /// The value is of another type than the field.
  case wrongType
  /// No store could hold it.
  case fault(ValueFault)

  /// Machine-readable, as in the quarantine.
  package var code: String {
    switch self {
    case .unknownLedger: "unknown_ledger"
    case .invalidKey: "invalid_key"
    case .unknownField: "unknown_field"
    case .wrongType: "wrong_type"
    case .fault: "invalid_value"
    }
  }

  /// For operators, after the name of what it is about.
  package var words: String {
    switch self {
    case .unknownLedger: "belongs to no ledger of this node's catalog"
    case .invalidKey: "has a key that is not of its ledger's type"
    case .unknownField: "is no field of the ledger in this node's catalog"
    case .wrongType: "is of another type than its field"
    case .fault(let fault): fault.words
    }
  }

  /// Whether a newer catalog might take it away.
  package var hangsOnCatalog: Bool {
    switch self {
    case .unknownLedger, .unknownField, .wrongType: true
    case .invalidKey, .fault: false
    }
  }
}

extension Value {
  /// What stands in the way of a value in one of the two fields that every record has; nil when nothing does, and for other fields.
  package func obstacle(inExistence field: FieldID) -> StoreObstacle? {
    switch (field, self) {
    case (.alive, .bool(true)), (.alive, .deleted), (.alive, .null), (.verified, .verified),
      (.verified, .null):
      nil
    case (.alive, _), (.verified, _): .wrongType
    default: nil
    }
  }
}
