package import Governance
package import ReplicationCore

/// Makes and keeps the schema of a node's database. All DDL waits briefly for locks and is only additive.
package struct Installer {
  let connection: Connection
  /// The role that applications act in; it is granted what they need and nothing else.
  let applicationRole: String

  /// Connects as the daemon's role. Throws when the server cannot be reached.
  package init(conninfo: String, applicationRole: String = "huijia_app") throws {
    connection = try Connection(conninfo)
    self.applicationRole = applicationRole
    try connection.execute("SET client_min_messages = warning; SET lock_timeout = '5s'")
  }

  /// Checks the database and brings schema `huijia` up to date. `node` is written down at the first start; another node's database is refused.
  package func prepare(node: NodeID) throws {
    try checkDatabase()
    try connection.execute(
      """
      CREATE SCHEMA IF NOT EXISTS huijia;
      CREATE TABLE IF NOT EXISTS huijia.setting (name text PRIMARY KEY, value text NOT NULL)
      """)
    let done = try setting("schema").flatMap { Int($0) } ?? 0
    for (number, migration) in Migrations.all.enumerated() where number >= done {
      try connection.execute("BEGIN; \(migration)")
      try keep("schema", String(number + 1))
      try connection.execute("COMMIT")
    }
    if let owner = try setting("node"), owner != node.description {
      throw StoreError.unsuitable(
        "this database belongs to node \(owner), not to \(node): give each node its own database")
    }
    try keep("node", node.description)
    for function in NationalCodes.sqlFunctions + CaptureErrors.functions {
      try connection.execute(function)
    }
    try makeApplicationObjects()
    try grant()
  }

  /// Makes the ledgers' tables and capture, and writes down what this node may write, so that the database can refuse the rest.
  package func adopt(_ catalog: Catalog, _ policy: CompiledPolicy, for node: NodeID) throws {
    for ledger in catalog.ledgers { try define(LedgerTable(ledger), for: Tier(of: node)) }
    try connection.execute("BEGIN")
    do {
      for ledger in catalog.ledgers {
        try grant(LedgerTable(ledger))
        try describe(ledger, policy)
        try adopt(policy.localScope(of: node, in: ledger.id), ledger)
      }
      try grantApplicationObjects()
      try connection.execute("COMMIT")
    } catch {
      try? connection.execute("ROLLBACK")
      throw error
    }
  }

  private func adopt(_ scope: LocalScope, _ ledger: Ledger) throws {
    let id = Parameter.int(Int64(ledger.id.number))
    _ = try connection.query("DELETE FROM huijia.local_scope WHERE ledger = $1", [id])
    _ = try connection.query("DELETE FROM huijia.local_field WHERE ledger = $1", [id])
    for grant in scope.grants {
      let unit = grant.homes == .everywhere ? 0 : grant.homes.unit
      _ = try connection.query(
        "INSERT INTO huijia.local_scope VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
          id, .int(Int64(unit)), .int(Int64(grant.homes.quotient)), .int(grant.writingBits),
          .text("\(grant.rule), line \(grant.line)"), .int(grant.columnBits(of: ledger.homes)),
          .int(Int64(grant.verify.bits)), .int(Int64(grant.resolve.bits)),
        ])
    }
    for field in ledger.fields {
      let text = scope.maintainers.first { $0.field == field.id }?.text ?? "nobody"
      _ = try connection.query(
        "INSERT INTO huijia.local_field VALUES ($1, $2, $3, $4, $5)",
        [
          id, .int(Int64(field.id.number)), .text(field.name), .text(text),
          ledger.homes.firstIndex(of: field.id).map { .int(Int64($0)) } ?? .null,
        ])
    }
  }

  private func checkDatabase() throws {
    let rows = try connection.query(
      """
      SELECT current_setting('server_encoding'), current_setting('server_version_num')::bigint,
        (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
      """)
    guard rows.text(0, 0) == "UTF8" else {
      throw StoreError.unsuitable(
        "the database's encoding is \(rows.text(0, 0) ?? "?"): make one with ENCODING 'UTF8'")
    }
    guard let version = rows.int(0, 1), version >= 150_000 else {
      throw StoreError.unsuitable("PostgreSQL 15 or later is needed")
    }
    let hidden = try connection.query(
      """
      SELECT c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
      WHERE s.nspname = 'ledger' AND c.relrowsecurity LIMIT 1
      """)
    if hidden.count > 0, rows.int(0, 2) == 0 {
      throw StoreError.unsuitable(
        "ledger.\(hidden.text(0, 0) ?? "?") has row level security, which would hide records from the daemon: grant its role BYPASSRLS"
      )
    }
  }

  private func grant() throws {
    let role = applicationRole
    try connection.execute(
      """
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role)') THEN CREATE ROLE \(role) NOLOGIN; END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
      GRANT USAGE ON SCHEMA ledger TO \(role)
      """)
    try grantApplicationObjects()
  }

  /// Applications may not write the version column.
  private func grant(_ table: LedgerTable) throws {
    let columns = ([table.keyName] + table.columns.map(\.name)).joined(separator: ", ")
    try connection.execute(
      """
      GRANT SELECT, DELETE, TRUNCATE, INSERT (\(columns)), UPDATE (\(columns)) ON \(table.table)
      TO \(applicationRole)
      """)
  }

  private func setting(_ name: String) throws -> String? {
    let rows = try connection.query(
      "SELECT value FROM huijia.setting WHERE name = $1", [.text(name)])
    return rows.count == 1 ? rows.text(0, 0) : nil
  }

  private func keep(_ name: String, _ value: String) throws {
    _ = try connection.query(
      """
      INSERT INTO huijia.setting VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """, [.text(name), .text(value)])
  }
}

extension LocalScope.Grant {
  /// What may be written, with the bits that stand for creating and deleting.
  fileprivate var writingBits: Int64 {
    Int64(maintain.bits) | (creates ? CaptureRights.create : 0)
      | (deletes ? CaptureRights.delete : 0)
  }

  /// One bit for each home column that counts, in the ledger's order.
  fileprivate func columnBits(of homes: [FieldID]) -> Int64 {
    homes.enumerated().reduce(0) { by.contains($1.element) ? $0 | 1 << Int64($1.offset) : $0 }
  }
}
