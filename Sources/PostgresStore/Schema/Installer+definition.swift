internal import Glibc
internal import Governance

extension Installer {
  /// How often a definition that cannot have its locks is tried again.
  private static let attempts = 100

  /// Makes a ledger's table and capture, or brings them up to date; where they stand as they should, nothing is touched.
  ///
  /// Applications write on meanwhile: their transactions take the ledger's table first, so this does too.
  func define(_ table: LedgerTable, for tier: Tier) throws {
    try waitingBriefly { try change(table, for: tier) }
  }

  /// Runs definitions in a transaction that waits for locks only briefly, and lets go of everything before it tries again.
  /// So no application becomes the victim of a deadlock with a daemon that starts, and none waits behind it for long.
  func waitingBriefly(_ define: () throws -> Void) throws {
    for attempt in 0... {
      do {
        try connection.execute("BEGIN; SET LOCAL lock_timeout = '100ms'")
        try define()
        try connection.execute("COMMIT")
        return
      } catch {
        try? connection.execute("ROLLBACK")
        guard let error = error as? PostgresError, error.isContention, attempt < Self.attempts
        else { throw error }
        usleep(50_000)
      }
    }
  }

  private func change(_ table: LedgerTable, for tier: Tier) throws {
    try checkTable(table)
    let definition = table.definition(for: tier)
    let text = definition.joined(separator: "\n")
    if try stands(table, text) { return }
    let exists = try connection.query("SELECT to_regclass($1) IS NOT NULL", [.text(table.table)])
    if exists.int(0, 0) == 1 {
      try connection.execute("LOCK TABLE \(table.table) IN SHARE ROW EXCLUSIVE MODE")
    }
    for statement in definition { try connection.execute(statement) }
    let digest = try connection.query("SELECT md5($1)", [.text(text)])
    try connection.execute("COMMENT ON TABLE \(table.outbox) IS '\(digest.text(0, 0) ?? "")'")
  }

  /// Whether the definition was carried out as it is now, and every trigger of it is there and on.
  private func stands(_ table: LedgerTable, _ text: String) throws -> Bool {
    let rows = try connection.query(
      """
      SELECT obj_description(to_regclass($1), 'pg_class') = md5($2) AND $3 = (
        SELECT count(*) FROM pg_trigger
        WHERE tgrelid = to_regclass($4) AND NOT tgisinternal AND tgenabled = 'O'
          AND tgname LIKE 'huijia\\_%')
      """,
      [
        .text(table.outbox), .text(text), .int(Int64(table.triggerCount)), .text(table.table),
      ])
    return rows.int(0, 0) == 1
  }
}
