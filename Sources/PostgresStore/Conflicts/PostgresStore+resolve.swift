package import ReplicationCore
internal import ReplicationEngine

extension PostgresStore {
  /// Resolves a conflict by an ordinary write that has seen its values, and only those: what comes in between stays beside it.
  ///
  /// - Parameters:
  ///   - version: of the values that the operator saw; nil: those of now.
  ///   - actor: whom the write is to name.
  ///   - choose: decides, given the conflict and the record as they stand.
  ///
  /// Returns the conflict as it was. Throws `ResolutionError`, `StoreError`, and what `choose` throws.
  @discardableResult
  package func resolve(
    _ id: String, version: String?, actor: String,
    choose: @escaping @Sendable (ConflictEntry, Record) throws -> Resolution
  ) async throws -> ConflictEntry {
    let (entry, write) = try await read { tx -> (ConflictEntry, ResolvingWrite) in
      guard let tx = tx as? PostgresTransaction else { throw ResolutionError.unknown }
      var filter = ConflictFilter()
      filter.id = id
      guard let entry = try tx.conflictEntries(filter, limit: 1).first,
        let record = try tx.load([entry.ref], lock: false).records[entry.ref]
      else { throw ResolutionError.unknown }
      if let version, version != entry.version { throw ResolutionError.changed }
      let write = try ResolvingWrite(
        try choose(entry, record), of: entry, record, try tx.ledgers.table(entry.ref.ledger))
      return (entry, write)
    }
    let conninfo = conninfo
    do {
      try await operators.run { open in
        let connection = try open ?? Connection(conninfo)
        open = connection.isOpen ? connection : nil
        try write.run(on: connection, actor: actor)
      }
    } catch let error as PostgresError {
      guard error.sqlState.hasPrefix("HJ") || error.sqlState.hasPrefix("22") else {
        throw StoreError.unavailable(error)
      }
      throw ResolutionError.refused(error)
    }
    return entry
  }

  /// Waits until no write of a record is unsealed; at most a second: a node may be kept from sealing. Throws `StoreError`.
  package func waitUntilSealed(_ ref: RecordRef) async throws {
    for _ in 0..<50 {
      if try await isSealed(ref) { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Whether no write of a record is unsealed. Where one is, its value stands in the row under the dot of the value before.
  ///
  /// Throws `StoreError`.
  package func isSealed(_ ref: RecordRef) async throws -> Bool {
    try await read { tx -> Bool in
      guard let tx = tx as? PostgresTransaction else { return true }
      let ledger = try tx.ledgers.table(ref.ledger)
      return try tx.connection.query(
        """
        SELECT FROM \(ledger.outbox) WHERE key = \(ledger.keyCast("$1")) UNION ALL
        SELECT FROM \(ledger.table) WHERE \(ledger.keyName) = \(ledger.keyCast("$1")) AND _v IS NULL LIMIT 1
        """,
        [.text(ref.key)]
      ).count == 0
    }
  }
}
