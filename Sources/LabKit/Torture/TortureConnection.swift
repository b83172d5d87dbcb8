import Governance
import PostgresStore
import ReplicationCore

/// An application's connection: connects anew when it was ended, and keeps the time that each statement takes.
struct TortureConnection: Sendable {
  private let conninfo: String
  private let place: String
  private let journal: TortureJournal
  private let thread: DatabaseThread<Connection>

  /// An application that waits longer for a lock than this has been wronged.
  static let longestWait = 2.0

  init(_ conninfo: String, place: String, journal: TortureJournal) {
    self.conninfo = conninfo
    self.place = place
    self.journal = journal
    thread = DatabaseThread(label: "huijia.torture.\(place)")
  }

  /// Begins a transaction for a person.
  func begin(actor: String) async throws {
    try await run("begin") { connection in
      try connection.execute("BEGIN; SET LOCAL huijia.actor = '\(actor)'")
    }
  }

  /// Runs one statement without a result.
  func execute(_ sql: String) async throws {
    try await run(String(sql.prefix(30))) { try $0.execute(sql) }
  }

  /// Locks a row and returns its fields, `""` for null; nil when it is not there.
  func lock(_ ref: RecordRef, of ledger: Ledger) async throws -> [FieldID: String]? {
    let columns = ledger.fields.map { "\($0.name)::text" }.joined(separator: ", ")
    let sql = """
      SELECT \(columns) FROM ledger.\(ledger.name)
      WHERE \(ledger.key.name) = $1::text::\(ledger.key.type.rawValue) FOR UPDATE
      """
    return try await run("lock") { connection in
      let rows = try connection.query(sql, [.text(ref.key)])
      guard rows.count == 1 else { return nil }
      var result: [FieldID: String] = [:]
      for (index, field) in ledger.fields.enumerated() {
        result[field.id] = rows.text(0, index) ?? ""
      }
      return result
    }
  }

  /// Commits; false when the connection went before the answer came. Throws when it was refused.
  func commit() async throws -> Bool {
    do {
      try await run("commit") { try $0.execute("COMMIT") }
      return true
    } catch let error as PostgresError where error.isConnectionLoss {
      return false
    }
  }

  /// Ends what is open, whatever became of it.
  func rollback() async {
    _ = try? await thread.run { connection in
      try? connection?.execute("ROLLBACK")
      if connection?.isOpen == false { connection = nil }
    }
  }

  private func run<T: Sendable>(
    _ what: String, _ body: @escaping @Sendable (Connection) throws -> T
  ) async throws -> T {
    try await thread.run { [conninfo, place, journal] connection in
      let open = try connection ?? Self.connect(conninfo)
      connection = open
      let began = ContinuousClock().now
      defer {
        journal.noteWait((ContinuousClock().now - began) / .seconds(1), "\(place) \(what)")
        if !open.isOpen { connection = nil }
      }
      return try body(open)
    }
  }

  private static func connect(_ conninfo: String) throws -> Connection {
    let connection = try Connection("\(conninfo) application_name=huijia-torture")
    try connection.execute("SET lock_timeout = '\(Int(longestWait))s'")
    return connection
  }
}
