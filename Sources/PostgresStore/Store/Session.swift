internal import ReplicationCore

/// A connection with what is bound to it: its staging tables, its place in the outboxes.
final class Session {
  let connection: Connection
  /// Per ledger: unsealed writes of transactions below this number have all been sealed.
  var lowWater: [LedgerID: Int64] = [:]
  /// Staging tables that exist on this connection: one a ledger, made once, emptied at every commit.
  var staged: Set<String> = []
  /// Reads the next pass of a load; the writer's alone.
  let ahead: ReadAhead?
  /// Until when new rows are locked before they are read: an application was writing one that had been read without.
  var cautiousUntil: ContinuousClock.Instant?

  var isCautious: Bool { cautiousUntil.map { $0 > .now } ?? false }

  /// Connects and sets what every session of the daemon needs.
  init(conninfo: String, isWriter: Bool) throws {
    connection = try Connection(conninfo)
    ahead = isWriter ? ReadAhead(conninfo: conninfo) : nil
    let isReplica = try isWriter && Session.mayBeReplica(connection)
    try connection.execute(
      """
      SET client_min_messages = warning; SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
      SET search_path = pg_catalog, pg_temp; SET enable_hashjoin = off; SET enable_mergejoin = off;
      SET enable_seqscan = off;
      SET lock_timeout = '200ms'; SET idle_in_transaction_session_timeout = '5min'; SET jit = off;
      """)
    if isReplica {
      try connection.execute(
        "SET session_replication_role = replica; SET deadlock_timeout = '10ms'")
    }
  }

  /// Capture must not fire for what the daemon applies; asks rather than fails half-way.
  private static func mayBeReplica(_ connection: Connection) throws -> Bool {
    do {
      try connection.execute(
        "BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL deadlock_timeout = '10ms'; ROLLBACK"
      )
      return true
    } catch {
      try? connection.execute("ROLLBACK")
      throw StoreError.unsuitable(
        """
        the daemon's role may not set session_replication_role and deadlock_timeout; as a superuser run: \
        GRANT SET ON PARAMETER session_replication_role, deadlock_timeout TO <role>
        """)
    }
  }
}
