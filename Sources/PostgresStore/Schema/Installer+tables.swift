internal import Governance
internal import ReplicationCore

extension Installer {
  /// Looks at a table that is there already: it must be the daemon's own plain table, and gets the columns that the ledger has gained.
  ///
  /// Writes to a partition or a child miss the parent's statement triggers, so neither may be. Throws `StoreError.unsuitable`.
  func checkTable(_ ledger: LedgerTable) throws {
    let found = try connection.query(
      """
      SELECT c.oid::bigint, c.relkind::text, c.relispartition,
        EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)),
        pg_has_role(current_user, c.relowner, 'MEMBER')
      FROM pg_class c WHERE c.oid = to_regclass($1)
      """, [.text(ledger.table)])
    guard found.count == 1, let oid = found.int(0, 0) else { return }
    guard found.text(0, 1) == "r", found.int(0, 2) == 0, found.int(0, 3) == 0 else {
      throw StoreError.unsuitable(
        "\(ledger.table) is partitioned, inherited or no table: writes to its parts would not be seen; move it to another schema and let the daemon make the ledger"
      )
    }
    guard found.int(0, 4) == 1 else {
      throw StoreError.unsuitable(
        "\(ledger.table) belongs to another role, which could switch off its triggers: ALTER TABLE \(ledger.table) OWNER TO the daemon's role"
      )
    }
    try addColumns(ledger, oid)
  }

  private func addColumns(_ ledger: LedgerTable, _ oid: Int64) throws {
    let rows = try connection.query(
      """
      SELECT a.attname::text, format_type(a.atttypid, -1) FROM pg_attribute a
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
      """, [.int(oid)])
    var types: [String: String] = [:]
    for row in 0..<rows.count { types[rows.text(row, 0) ?? ""] = rows.text(row, 1) ?? "" }
    var missing: [String] = []
    for column in ledger.columns {
      guard let type = types[column.name] else {
        missing.append("ADD COLUMN \(column.name) \(column.type.sqlType)")
        continue
      }
      guard type == column.type.catalogName else {
        throw StoreError.unsuitable(
          "column \(column.name) of \(ledger.table) is of type \(type), the catalog says \(column.type.sqlType): a field's type never changes, declare a new field"
        )
      }
    }
    guard types["_v"] == "bytea", types[ledger.keyName] == ledger.keyType.rawValue else {
      throw StoreError.unsuitable(
        "\(ledger.table) was not made by the daemon (no column _v, or another key): move it to another schema and import its rows into the ledger"
      )
    }
    guard !missing.isEmpty else { return }
    try connection.execute("ALTER TABLE \(ledger.table) \(missing.joined(separator: ", "))")
  }
}

extension ColumnType {
  /// The type's name as `format_type` gives it.
  fileprivate var catalogName: String {
    self == .timestamp ? "timestamp with time zone" : sqlType
  }
}
