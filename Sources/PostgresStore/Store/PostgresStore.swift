package import Governance
internal import ReplicationCore
package import ReplicationEngine
internal import Synchronization

/// `ChangeStore` over PostgreSQL: one writing connection, a few reading ones, each on a thread of its own.
package final class PostgresStore: ChangeStore {
  let conninfo: String
  private let clockOffset: Int64
  private let writer = DatabaseThread<Session>(label: "huijia.store.writer")
  private let readers: [DatabaseThread<Session>]
  /// Where operators write as applications do: capture fires.
  let operators = DatabaseThread<Connection>(label: "huijia.store.operator")
  private let nextReader = Atomic<Int>(0)
  private let ledgers = Mutex(LedgerDirectory([]))
  private let cache = BatchCache()
  /// How often a transaction that lost a lock is done again before the caller hears of it.
  private static let attempts = 8
  /// How long new rows are locked first after a lock was lost: an application that holds one may hold it for a while.
  private static let caution: Duration = .seconds(10)

  /// Connects when it is first used. `readers`: how many reading connections, at least 1.
  /// `clockOffset`: microseconds added to the times of captured writes, for a lab whose nodes' clocks differ.
  package init(conninfo: String, readers: Int = 2, clockOffset: Int64 = 0) {
    self.conninfo = conninfo
    self.clockOffset = clockOffset
    self.readers = (0..<max(1, readers)).map { DatabaseThread(label: "huijia.store.reader.\($0)") }
  }

  /// Sets the ledgers that records belong to, after `Installer.adopt` has made their tables.
  package func use(_ catalog: Catalog) {
    let directory = LedgerDirectory(catalog.ledgers.map { LedgerTable($0) })
    ledgers.withLock { $0 = directory }
  }

  package func write<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T {
    try await writer.run { [self] session in try attempt(&session, body) }
  }

  package func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T {
    let number = nextReader.add(1, ordering: .relaxed).newValue
    return try await readers[number % readers.count].run { [self] session in
      try reading(&session, body)
    }
  }

  private func attempt<T>(
    _ session: inout Session?, _ body: (any StoreTransaction) throws -> T
  ) throws -> T {
    var held = Contention()
    var left = Self.attempts
    while true {
      do {
        return try once(&session, isWriter: true, held, body)
      } catch let contention as Contention {
        guard left > 0 else { throw StoreError.contended(contention.anyRef) }
        if contention.refused.isEmpty { session?.cautiousUntil = .now + Self.caution }
        held.formUnion(contention)
      } catch let error as PostgresError {
        guard error.isContention, left > 0 else { throw StoreError.unavailable(error) }
        session?.cautiousUntil = .now + Self.caution
      }
      left -= 1
    }
  }

  private func reading<T>(
    _ session: inout Session?, _ body: (any StoreTransaction) throws -> T
  ) throws -> T {
    do {
      return try once(&session, isWriter: false, Contention(), body)
    } catch let error as PostgresError {
      throw StoreError.unavailable(error)
    }
  }

  /// One transaction. A connection that broke is dropped: the next call makes a new one.
  private func once<T>(
    _ session: inout Session?, isWriter: Bool, _ held: Contention,
    _ body: (any StoreTransaction) throws -> T
  ) throws -> T {
    let open = try session ?? Session(conninfo: conninfo, isWriter: isWriter)
    session = open
    do {
      try open.connection.execute(
        isWriter ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
      let transaction = PostgresTransaction(
        session: open, ledgers: ledgers.withLock { $0 }, cache: cache,
        isWriter: isWriter, held: held, clockOffset: clockOffset)
      let result = try body(transaction)
      if isWriter { try transaction.finish() }
      try open.connection.execute("COMMIT")
      if isWriter { transaction.committed() }
      return result
    } catch {
      open.ahead?.drop()
      try? open.connection.settle()
      try? open.connection.execute("ROLLBACK")
      if !open.connection.isOpen { session = nil }
      throw error
    }
  }
}
