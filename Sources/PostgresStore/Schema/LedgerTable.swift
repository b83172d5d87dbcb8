package import Governance
package import ReplicationCore

/// How a field's values stand in a column.
package enum ColumnType: String, Sendable {
  case text, bool, integer, decimal, date, timestamp, uuid, json

  /// The column's type in the ledger's table.
  var sqlType: String {
    switch self {
    case .text: "text"
    case .bool: "boolean"
    case .integer: "bigint"
    case .decimal: "numeric"
    case .date: "date"
    case .timestamp: "timestamptz"
    case .uuid: "uuid"
    case .json: "jsonb"
    }
  }

  /// The type it is staged and read in: what has no simple binary form goes as text.
  var stagedType: String { isCast ? "text" : sqlType }

  /// Whether reading and staging go through text.
  var isCast: Bool { self == .decimal || self == .json }
}

/// One field of a ledger as a column.
package struct LedgerColumn: Sendable {
  package let field: FieldID
  package let name: String
  package let type: ColumnType
  /// A boolean SQL expression over `n.<name>` that is false for an invalid value; nil: every value of the type is valid.
  package let check: String?

  package init(field: FieldID, name: String, type: ColumnType, check: String?) {
    self.field = field
    self.name = name
    self.type = type
    self.check = check
  }
}

/// A ledger as the store sees it: a table in schema `ledger`, its capture and its staging.
package struct LedgerTable: Sendable {
  package let id: LedgerID
  /// `[a-z][a-z0-9_]{0,47}`, checked by the catalog.
  package let name: String
  package let lane: Lane
  package let keyName: String
  package let keyType: KeyType
  package let columns: [LedgerColumn]
  /// Positions in `columns` of the home columns, the first is `home`.
  package let homes: [Int]
  /// Positions in `columns`, ascending by field.
  private let byField: [Int]
  /// Each field's type, by its number.
  private let types: [ColumnType?]

  package init(
    id: LedgerID, name: String, lane: Lane, keyName: String, keyType: KeyType,
    columns: [LedgerColumn], homes: [Int]
  ) {
    self.id = id
    self.name = name
    self.lane = lane
    self.keyName = keyName
    self.keyType = keyType
    self.columns = columns
    self.homes = homes
    byField = columns.indices.sorted { columns[$0].field < columns[$1].field }
    var types = [ColumnType?](repeating: nil, count: Int(FieldSet.limit))
    for column in columns { types[Int(column.field.number)] = column.type }
    self.types = types
  }

  /// The table with its schema.
  var table: String { "ledger.\(name)" }
  /// The table of writes not sealed yet.
  var outbox: String { "huijia.outbox_\(name)" }
  /// The temporary table, one a connection. Columns are only ever added: their number tells an older one.
  var stage: String { "pg_temp.stage_\(name)_\(columns.count)" }

  /// A parameter or text expression as a key.
  func keyCast(_ expression: String) -> String { "\(expression)::\(keyType.rawValue)" }

  /// Some columns, by position, as they are read: what has no simple binary form as text.
  func selectList(_ alias: String, _ positions: [Int]) -> String {
    positions.map { columns[$0] }.map {
      $0.type.isCast ? "\(alias).\($0.name)::text" : "\(alias).\($0.name)"
    }
    .joined(separator: ", ")
  }

  /// Of a row's values, by column, those of some fields.
  func values(_ row: [Value], of fields: FieldSet) -> FieldValues {
    var result = FieldValues()
    result.reserveCapacity(row.count)
    for column in byField where fields.contains(columns[column].field) {
      result.append(row[column], of: columns[column].field)
    }
    return result
  }

  /// The type of a field's column; nil for a field that has none.
  func type(of field: FieldID) -> ColumnType? {
    field.number < FieldSet.limit ? types[Int(field.number)] : nil
  }

  /// The position of a field's column; nil for `alive` and `verified`, which have none.
  func column(of field: FieldID) -> Int? { columns.firstIndex { $0.field == field } }
}

extension LedgerTable {
  /// A declared ledger as a table.
  package init(_ ledger: Ledger) {
    let columns = ledger.fields.map { field in
      LedgerColumn(
        field: field.id, name: field.name, type: ColumnType(field.type),
        check: field.type.sqlCheck("n.\(field.name)"))
    }
    self.init(
      id: ledger.id, name: ledger.name, lane: ledger.lane, keyName: ledger.key.name,
      keyType: ledger.key.type, columns: columns,
      homes: ledger.homes.compactMap { home in columns.firstIndex { $0.field == home } })
  }
}

extension ColumnType {
  /// The column type of a declared type: codes and numbers with check digits are texts.
  init(_ type: FieldType) {
    switch type {
    case .text, .code, .division, .identityNumber, .creditCode, .phone: self = .text
    case .date: self = .date
    case .timestamp: self = .timestamp
    case .integer: self = .integer
    case .decimal: self = .decimal
    case .bool: self = .bool
    case .uuid: self = .uuid
    case .json: self = .json
    }
  }
}
