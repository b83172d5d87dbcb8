package import ReplicationCore

/// A title in two languages; Chinese names are labels, never identifiers.
package struct Title: Sendable, Hashable {
  package let chinese: String
  package let english: String
  package init(chinese: String, english: String) {
    self.chinese = chinese
    self.english = english
  }
}

/// The type of a ledger's key.
package enum KeyType: String, Sendable, CaseIterable {
  case uuid, text, bigint
}

/// A ledger's key column; it is not a field.
package struct LedgerKey: Sendable, Hashable {
  package let name: String
  package let type: KeyType
}

/// A declared field of a ledger.
package struct LedgerField: Sendable, Hashable {
  /// 2 … 62; never given to another field.
  package let id: FieldID
  /// The column's name.
  package let name: String
  package let title: Title
  package let type: FieldType
  /// Whether it says of a person what not everyone may know.
  package let isSensitive: Bool
  /// The standing order of authorities, highest first; a policy may set another.
  package let authorities: [ScopeSubject]
  /// Fields whose values can be read out of this one's, directly or through another.
  package internal(set) var contains: FieldSet = []
}

/// A ledger (台账) as the catalog declares it: a table in schema `ledger`.
package struct Ledger: Sendable, Hashable {
  package let id: LedgerID
  /// The table's name.
  package let name: String
  package let title: Title
  package let lane: Lane
  package let key: LedgerKey
  /// The home columns in the order in which routing has them; the first is `home` and is never null.
  package let homes: [FieldID]
  /// Ascending by id; homes are among them.
  package let fields: [LedgerField]
  /// The whole set of declared fields.
  package let fieldSet: FieldSet
  /// The home columns as a set.
  package let homeSet: FieldSet
  private let slots: [UInt8]
  private let names: [String: FieldID]

  /// Precondition: checked by the catalog's parser (ids and names unique, homes among the fields).
  init(
    id: LedgerID, name: String, title: Title, lane: Lane, key: LedgerKey, homes: [FieldID],
    fields: [LedgerField]
  ) {
    self.id = id
    self.name = name
    self.title = title
    self.lane = lane
    self.key = key
    self.homes = homes
    self.fields = fields
    fieldSet = FieldSet(fields.map(\.id))
    homeSet = FieldSet(homes)
    var slots = [UInt8](repeating: .max, count: Int(FieldSet.limit))
    var names: [String: FieldID] = [:]
    for (slot, field) in fields.enumerated() {
      slots[Int(field.id.number)] = UInt8(slot)
      names[field.name] = field.id
    }
    self.slots = slots
    self.names = names
  }

  /// The declared field of a number; nil when there is none (`alive` and `verified` are not declared).
  package func field(_ id: FieldID) -> LedgerField? {
    let slot = slots[Int(id.number)]
    return slot == .max ? nil : fields[Int(slot)]
  }

  /// The declared field of a name; nil when there is none.
  package func field(named name: String) -> LedgerField? { names[name].flatMap { field($0) } }

  /// A field's name, also of those that every ledger has; `#N` for a number that is none.
  package func name(of field: FieldID) -> String {
    switch field {
    case .alive: "alive"
    case .verified: "verified"
    default: self.field(field)?.name ?? field.description
    }
  }
}
