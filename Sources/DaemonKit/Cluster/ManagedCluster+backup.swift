extension ManagedCluster {
  /// Bytes of a database on disk.
  package func bytes(of database: ClusterDatabase) throws -> Int {
    let text = try execute(
      "SELECT pg_database_size('\(database.name)');", database: "postgres")
    return text.split(separator: "\n").first.flatMap { Int($0) } ?? 0
  }

  /// Writes a database into a file, which appears whole or not at all. Throws `command-failed`.
  package func dump(_ database: ClusterDatabase, to file: String) throws {
    let partial = "\(file).partial"
    let dump = Program(
      binaries.path("pg_dump"),
      server + [
        "--format=custom", "--compress=1", "--file=\(partial)", "--dbname=\(database.name)",
      ]
    )
    do {
      try dump.runChecked()
      try LocalFile.move(partial, to: file)
    } catch {
      LocalFile.remove(partial)
      throw error
    }
  }

  /// The name of the database that a file is a backup of. Throws `command-failed` when it is none.
  package func source(ofBackup file: String) throws -> String {
    let list = try Program(binaries.path("pg_restore"), ["--list", file]).runChecked()
    let line = list.split(separator: "\n").first { $0.contains("dbname: ") }
    return line.flatMap { $0.split(separator: " ").last.map(String.init) } ?? ""
  }

  /// Puts a backup in the place of a database; the old one goes only when the new one is whole. Connections to it are ended.
  package func restore(_ database: ClusterDatabase, from file: String) throws {
    let draft = ClusterDatabase(
      name: "\(database.name)_restored", daemonRole: database.daemonRole,
      applicationRole: database.applicationRole)
    try drop(draft)
    try make([draft])
    do {
      try Program(
        binaries.path("pg_restore"), server + ["--exit-on-error", "--dbname=\(draft.name)", file]
      ).runChecked()
    } catch {
      try? drop(draft)
      throw error
    }
    try drop(database)
    try execute(
      "ALTER DATABASE \(draft.name) RENAME TO \(database.name);", database: "postgres")
  }

  /// Removes a database, ending the connections to it. Nothing to do when there is none.
  package func drop(_ database: ClusterDatabase) throws {
    try execute(
      "DROP DATABASE IF EXISTS \(database.name) WITH (FORCE);", database: "postgres")
  }

  /// Where the server is, for programs of PostgreSQL.
  private var server: [String] {
    ["--host=\(socketDirectory)", "--port=\(Self.port)", "--username=\(Self.superuser)"]
  }
}
