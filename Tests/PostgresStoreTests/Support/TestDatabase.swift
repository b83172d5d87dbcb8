import DaemonKit
import Glibc
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

/// A node's database of a test's own, with its store and connections in every role.
struct TestDatabase {
  let cluster: ManagedCluster
  let database: ClusterDatabase
  let catalog: Catalog
  let store: PostgresStore

  /// Makes a database for `node` with the ledgers of `catalog`; without a policy when `policy` is nil.
  init(
    _ catalog: Catalog? = nil, policy: CompiledPolicy? = nil, node: String = Samples.village,
    daemonRole: String = "huijia"
  ) throws {
    let catalog = try catalog ?? Samples.catalog()
    let policy = try policy ?? Samples.policy()
    let id = try #require(NodeID(node))
    cluster = try TestCluster.get()
    database = try TestCluster.freshDatabase(of: daemonRole)
    self.catalog = catalog
    let conninfo = cluster.connection(to: database.name, as: database.daemonRole)
    let installer = try Installer(
      conninfo: conninfo, applicationRole: database.applicationRole)
    try installer.prepare(node: id)
    try installer.adopt(catalog, policy, for: id)
    store = PostgresStore(conninfo: conninfo)
    store.use(catalog)
  }

  var conninfo: String { cluster.connection(to: database.name, as: database.daemonRole) }

  /// What the daemon's next start does with the database.
  func prepareAgain(node: String = Samples.village) throws {
    let id = try #require(NodeID(node))
    try Installer(conninfo: conninfo, applicationRole: database.applicationRole).prepare(node: id)
  }

  /// Makes the ledgers and their capture once more, as the daemon's next start does.
  func adoptAgain(_ catalog: Catalog? = nil) throws {
    let installer = try Installer(conninfo: conninfo, applicationRole: database.applicationRole)
    let node = try #require(NodeID(Samples.village))
    try installer.adopt(catalog ?? self.catalog, Samples.policy(), for: node)
  }

  /// A connection as an application has it.
  func application() throws -> Connection {
    try Connection(cluster.connection(to: database.name, as: database.applicationRole))
  }

  /// A connection in the daemon's role, with capture switched off as the store's own writer has it.
  func daemon() throws -> Connection {
    let connection = try Connection(conninfo)
    try connection.execute(
      "SET session_replication_role = replica; SET deadlock_timeout = '10ms'")
    return connection
  }

  /// Runs SQL as the superuser; returns what it prints.
  @discardableResult
  func superuser(_ sql: String) throws -> String {
    try cluster.execute(sql, database: database.name)
  }

  /// One number that a query in the daemon's role gives; nil for NULL and for no row.
  func number(_ sql: String) throws -> Int64? {
    let rows = try Connection(conninfo).query(sql)
    return rows.count > 0 ? rows.int(0, 0) : nil
  }

  /// One text that a query in the daemon's role gives.
  func text(_ sql: String) throws -> String? {
    let rows = try Connection(conninfo).query(sql)
    return rows.count > 0 ? rows.text(0, 0) : nil
  }
}

/// What a statement was refused with; nil when it went through.
func refusal(_ connection: Connection, _ sql: String) -> PostgresError? {
  do {
    try connection.execute(sql)
    return nil
  } catch {
    return error
  }
}

/// A connection on a thread of its own, for statements that have to wait.
final class Waiting: Sendable {
  private let thread = DatabaseThread<Connection>(label: "huijia.test.waiting")
  private let conninfo: String

  init(_ database: TestDatabase, asDaemon: Bool = false) {
    let names = database.database
    conninfo = database.cluster.connection(
      to: names.name, as: asDaemon ? names.daemonRole : names.applicationRole)
  }

  func execute(_ sql: String) async throws { _ = try await run { try $0.execute(sql) } }

  /// How many rows a query returns.
  func count(_ sql: String) async throws -> Int { try await run { try $0.query(sql).count } }

  /// What a statement was refused with; nil when it went through.
  func refusal(_ sql: String) async -> PostgresError? {
    do {
      try await execute(sql)
      return nil
    } catch { return error as? PostgresError }
  }

  private func run<T: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> T
  ) async throws -> T {
    let conninfo = conninfo
    return try await thread.run { connection in
      let open = try connection ?? Connection(conninfo)
      connection = open
      return try body(open)
    }
  }
}

/// A connection for the body of a transaction; the test uses it from one place at a time.
final class Shared: @unchecked Sendable {
  let connection: Connection
  init(_ connection: Connection) { self.connection = connection }
}

/// Waits inside the body of a transaction, which blocks anyway.
enum Clock {
  static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}
