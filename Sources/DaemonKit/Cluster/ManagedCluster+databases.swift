/// A database of a managed cluster and the two roles that use it.
package struct ClusterDatabase: Sendable, Hashable {
  package let name: String
  /// The daemon's role: owns the database and everything in it.
  package let daemonRole: String
  /// The applications' role: may connect; the daemon grants it the ledgers.
  package let applicationRole: String

  /// Makes names; each `[a-z][a-z0-9_]*`, at most 63 bytes.
  package init(name: String, daemonRole: String, applicationRole: String) {
    self.name = name
    self.daemonRole = daemonRole
    self.applicationRole = applicationRole
  }

  /// The database of a machine that holds one node only.
  package static let single = ClusterDatabase(
    name: "huijia", daemonRole: "huijia", applicationRole: "huijia_app")
}

extension ManagedCluster {
  /// Makes the databases and roles that are missing. Their passwords lie in 0600 files under `secrets`.
  package func make(_ databases: [ClusterDatabase]) throws {
    var script = ""
    for database in databases {
      let daemon = try password(of: database.daemonRole)
      let application = try password(of: database.applicationRole)
      script += Self.script(database, daemon: daemon, application: application)
    }
    try execute(script, database: "postgres")
  }

  /// A connection string for a role, without its password: that is in the file it names.
  package func connection(to database: String, as role: String) -> String {
    "host=\(Self.quote(socketDirectory)) port=\(Self.port) dbname=\(database) user=\(role)"
      + " passfile=\(Self.quote(passwordFile(of: role)))"
  }

  /// A connection string for the superuser; works for the system users concerned only.
  package func administration(of database: String) -> String {
    "host=\(Self.quote(socketDirectory)) port=\(Self.port) dbname=\(database) user=\(Self.superuser)"
  }

  /// A value of a connection string: quoted when it has a space, a quote or a backslash.
  private static func quote(_ value: String) -> String {
    guard value.contains(where: { " '\\".contains($0) }) else { return value }
    var result = "'"
    for character in value {
      if character == "'" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result + "'"
  }

  /// Runs SQL as the superuser through `psql`. Returns what it prints, unaligned. Throws `database-command-failed`.
  @discardableResult
  package func execute(_ sql: String, database: String) throws -> String {
    let psql = Program(
      binaries.path("psql"),
      [
        "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", socketDirectory, "-p",
        "\(Self.port)", "-U", Self.superuser, "-d", database, "-f", "-",
      ])
    let outcome = try psql.run(input: Array(sql.utf8))
    guard outcome.status == 0 else {
      throw OperatorError(
        .databaseCommandFailed, ["database": database, "detail": outcome.detail, "log": log],
        status: .unreachable)
    }
    return outcome.text
  }

  private func passwordFile(of role: String) -> String { "\(secrets)/\(role).pgpass" }

  /// A role's password, made up when there is none yet.
  private func password(of role: String) throws -> String {
    let path = passwordFile(of: role)
    if LocalFile.exists(path) {
      let line = try LocalFile.readText(path).split(whereSeparator: \.isNewline).first
      if let word = line?.split(separator: ":").last { return String(word) }
    }
    var random = SystemRandomNumberGenerator()
    let word = (0..<4).map { _ in String(random.next() as UInt64, radix: 36) }.joined()
    try LocalFile.write("*:*:*:\(role):\(word)\n", to: path, mode: 0o600)
    return word
  }

  /// Every statement may run again: what is there already stays.
  private static func script(
    _ database: ClusterDatabase, daemon: String, application: String
  ) -> String {
    func role(_ name: String, _ options: String) -> String {
      """
      SELECT 'CREATE ROLE \(name)' WHERE NOT EXISTS
        (SELECT FROM pg_roles WHERE rolname = '\(name)') \\gexec
      ALTER ROLE \(name) \(options);

      """
    }
    return role(
      database.daemonRole, "LOGIN BYPASSRLS PASSWORD '\(daemon)'")
      + role(database.applicationRole, "LOGIN PASSWORD '\(application)'")
        + """
        GRANT SET ON PARAMETER session_replication_role, deadlock_timeout TO \(database.daemonRole);
        SELECT 'CREATE DATABASE \(database.name) OWNER \(database.daemonRole) TEMPLATE template0'
          WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '\(database.name)') \\gexec
        REVOKE CONNECT, TEMPORARY ON DATABASE \(database.name) FROM PUBLIC;
        GRANT CONNECT, TEMPORARY ON DATABASE \(database.name) TO \(database.applicationRole);

        """
  }
}
