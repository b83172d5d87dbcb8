package import ReplicationCore

/// What an operator decides about a conflict.
package enum Resolution: Sendable, Hashable {
  /// The field is to have this value, as text of its column's type; nil: none.
  case value(String?)
  /// The record stays. Where the deletion is shown it is made anew with its values in these fields, which this node maintains.
  case stays(FieldSet)
  /// The record goes.
  case goes
}

/// Why a conflict was not resolved; nothing was written.
package enum ResolutionError: Error, Sendable, Hashable {
  /// There is no such conflict, or no longer.
  case unknown
  /// Its values are not those that the operator saw.
  case changed
  /// The database refused the write as it would an application's: scope, invalid value.
  case refused(PostgresError)
}

/// A write as an application makes it, with what the operator saw.
struct ResolvingWrite: Sendable {
  let ledger: LedgerTable
  let key: String
  /// Run in order in one transaction; each must touch one row.
  let statements: [(sql: String, parameters: [String?])]
  /// The field that is written also where it has the value already, as `LEDGER.FIELD`.
  let confirms: String
  let token: String

  /// `record`: as it stood when the operator looked.
  init(
    _ resolution: Resolution, of entry: ConflictEntry, _ record: Record, _ ledger: LedgerTable
  ) throws {
    self.ledger = ledger
    key = entry.ref.key
    token = VersionTokens.token(
      ledger: ledger.name, key: key,
      seen: RecordCodec.encode(RecordStamp(ofEverySibling: record)))
    let match = "WHERE \(ledger.keyName) = \(ledger.keyCast("$1"))"
    let home = ledger.columns[ledger.homes[0]]
    switch resolution {
    case .value(let text):
      guard let at = ledger.column(of: entry.field) else { throw ResolutionError.unknown }
      let column = ledger.columns[at]
      confirms = "\(ledger.name).\(column.name)"
      statements = [
        (
          "UPDATE \(ledger.table) SET \(column.name) = $2::\(column.type.sqlType) \(match)",
          [key, text]
        )
      ]
    case .stays where !record.isDeleted:
      confirms = "\(ledger.name).alive"
      statements = [("UPDATE \(ledger.table) SET \(home.name) = \(home.name) \(match)", [key])]
    case .stays(let fields):
      confirms = ""
      statements = [Self.insertion(record, fields, ledger, key)]
    case .goes:
      confirms = ""
      let deletion = ("DELETE FROM \(ledger.table) \(match)", [key] as [String?])
      // A deletion that is shown has no row to delete: it is made for the moment.
      let made = Self.insertion(record, [home.field], ledger, key)
      statements = record.isDeleted ? [made, deletion] : [deletion]
    }
  }

  private static func insertion(
    _ record: Record, _ fields: FieldSet, _ ledger: LedgerTable, _ key: String
  ) -> (String, [String?]) {
    var columns = [ledger.keyName]
    var casts = [ledger.keyCast("$1")]
    var values: [String?] = [key]
    for column in ledger.columns where fields.contains(column.field) {
      let isRouting = ledger.homes.contains { ledger.columns[$0].field == column.field }
      guard let text = record[column.field].shown(isRouting: isRouting)?.value.text else {
        continue
      }
      columns.append(column.name)
      values.append(text)
      casts.append("$\(values.count)::\(column.type.sqlType)")
    }
    let list = columns.joined(separator: ", ")
    return (
      "INSERT INTO \(ledger.table) (\(list)) VALUES (\(casts.joined(separator: ", ")))", values
    )
  }

  /// Runs in a transaction of its own, in which capture fires as for any application.
  func run(on connection: Connection, actor: String) throws {
    try connection.execute("BEGIN")
    do {
      _ = try connection.query(
        """
        SELECT set_config('huijia.actor', $1, true), set_config('huijia.seen', $2, true),
          set_config('huijia.confirm', $3, true)
        """, [.text(actor), .text(token), .text(confirms)])
      for (sql, parameters) in statements {
        let done = try connection.query(
          sql, parameters.map { value in value.map { .text($0) } ?? .null })
        guard done.affected == 1 else { throw ResolutionError.changed }
      }
      try connection.execute("COMMIT")
    } catch {
      try? connection.execute("ROLLBACK")
      throw error
    }
  }
}
