package import DaemonKit

/// A node's database as an application sees it, through `psql`.
package struct LabDatabase: Sendable {
  package let node: String
  private let connection: String
  private let psql: String

  /// The database of a node. Throws when no PostgreSQL programs are found.
  package init(_ lab: Lab, _ node: LabPlan.Node) throws {
    self.node = "\(node.node)"
    connection = try lab.connection(to: node.node)
    psql = try lab.cluster().binaries.path("psql")
  }

  /// A `psql` that stops at the first error, without the user's own settings.
  package var program: Program {
    Program(
      psql,
      ["-X", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse"]
        + ["-d", connection],
      environment: ["PGOPTIONS": "-c client_min_messages=warning", "PGAPPNAME": "huijia-lab"])
  }

  /// Runs statements, each a transaction of its own. Returns the rows of all of them. Throws `database-command-failed`.
  @discardableResult
  package func run(_ sql: String) throws -> [[String]] {
    try Self.rows(of: quiet.run(input: Array(sql.utf8)), at: node)
  }

  /// The single value of a query; empty when there is no row.
  package func value(_ sql: String) throws -> String { try run(sql).first?.first ?? "" }

  /// Runs statements that must be refused. Returns the server's message; nil when they were not.
  package func refusal(of sql: String) throws -> String? {
    let outcome = try quiet.run(input: Array(sql.utf8))
    return outcome.status == 0 ? nil : outcome.detail
  }

  /// Starts to wait until a query returns a row; see `LabWait`.
  package func wait(until query: String, seconds: Int) throws -> LabWait {
    // In the server, so that the moment is exact and nothing polls over a connection.
    let script = """
      DO $$ DECLARE late timestamptz := clock_timestamp() + interval '\(seconds) s'; BEGIN
        WHILE NOT EXISTS (\(query)) LOOP
          IF clock_timestamp() > late THEN RAISE EXCEPTION 'not within \(seconds) s'; END IF;
          PERFORM pg_sleep(0.001);
        END LOOP;
      END $$;
      \(Self.moment);

      """
    let running = try RunningProgram(quiet)
    running.write(Array(script.utf8))
    running.closeInput()
    return LabWait(running: running, node: node)
  }

  /// Runs statements and returns the moment just after they were committed, in seconds since 1970.
  package func moment(after sql: String) throws -> Double {
    let rows = try run("\(sql);\n\(Self.moment);\n")
    return rows.last?.first.flatMap { Double($0) } ?? 0
  }

  private static let moment = "SELECT extract(epoch FROM clock_timestamp())"

  private var quiet: Program {
    var program = program
    program.arguments.insert("-q", at: 0)
    return program
  }

  static func rows(of outcome: Program.Outcome, at node: String) throws -> [[String]] {
    guard outcome.status == 0 else {
      throw OperatorError(
        .databaseCommandFailed, ["database": node, "detail": outcome.detail, "log": "-"],
        status: .checkFailed)
    }
    return outcome.text.split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }
}

/// Waits in a database for something to become visible there.
package struct LabWait {
  let running: RunningProgram
  let node: String

  /// The moment when it was visible, in seconds since 1970. Throws when it was not in time.
  package func finish() throws -> Double {
    let rows = try LabDatabase.rows(of: running.finish(), at: node)
    return rows.last?.first.flatMap { Double($0) } ?? 0
  }
}
