/// Where the programs of a PostgreSQL installation are.
package struct PostgresBinaries: Sendable, Hashable {
  /// The directory that holds `initdb`, `postgres`, `pg_ctl` and `psql`.
  package let directory: String
  /// The major version, 15 or later.
  package let version: Int

  /// The oldest major version that grants parameters to roles, which the daemon's own role needs.
  package static let oldestVersion = 15

  /// Finds the newest installation of at least version 15: Debian's own directories first, then `PATH`. Throws `postgres-missing`.
  package static func find(root: String = "/usr/lib/postgresql") throws -> Self {
    let packaged = LocalFile.names(in: root).compactMap { Int($0) }.sorted(by: >)
    for version in packaged where version >= oldestVersion {
      let directory = "\(root)/\(version)/bin"
      if isComplete(directory) { return Self(directory: directory, version: version) }
    }
    if let found = Program.find("initdb") {
      let directory = LocalFile.parent(of: found)
      if isComplete(directory), let version = try version(of: "\(directory)/postgres"),
        version >= oldestVersion
      {
        return Self(directory: directory, version: version)
      }
    }
    throw OperatorError(.postgresMissing, status: .usage)
  }

  /// The path of one of the programs.
  package func path(_ program: String) -> String { "\(directory)/\(program)" }

  private static func isComplete(_ directory: String) -> Bool {
    ["initdb", "postgres", "pg_ctl", "psql"].allSatisfy {
      LocalFile.isExecutable("\(directory)/\($0)")
    }
  }

  /// Reads `postgres (PostgreSQL) 15.20 …`; nil when the program says something else.
  private static func version(of postgres: String) throws -> Int? {
    let words = try Program(postgres, ["--version"]).runChecked().split(separator: " ")
    return words.lazy.compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }.first
  }
}
