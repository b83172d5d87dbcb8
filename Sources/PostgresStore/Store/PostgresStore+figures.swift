import ReplicationCore
import ReplicationEngine

/// How many of what wait in a node's database.
package struct StoreFigures: Sendable {
  package var incarnation: UInt32 = 1
  /// Next position of each lane's feed, less one.
  package var bulkHead: UInt64 = 0
  package var urgentHead: UInt64 = 0
  /// Captured writes not sealed yet.
  package var unsealed: UInt64 = 0
  package var parked: UInt64 = 0
  package var quarantined: UInt64 = 0
  /// Feed entries that all links have acknowledged and that may still name values that a withdrawal took; they go with the next `trim`.
  package var toErase: UInt64 = 0
  /// Fields in conflict that people are to decide.
  package var pendingConflicts: UInt64 = 0
  /// Fields in conflict that the rank of their authors has decided.
  package var ruledConflicts: UInt64 = 0
}

extension PostgresStore {
  /// Counts, in one snapshot. Throws `StoreError` when the database cannot be reached.
  package func figures() async throws -> StoreFigures {
    try await read { tx in
      guard let tx = tx as? PostgresTransaction else { return StoreFigures() }
      return try tx.figures()
    }
  }
}

extension PostgresTransaction {
  fileprivate func figures() throws -> StoreFigures {
    var figures = StoreFigures()
    let bulk = try head(.bulk)
    figures.incarnation = bulk.chain.incarnation
    figures.bulkHead = bulk.nextPosition - 1
    figures.urgentHead = try head(.urgent).nextPosition - 1
    figures.toErase = try Lane.allCases.reduce(0) { try $0 + toErase($1) }
    for ledger in ledgers.inOrder { figures.unsealed += try unsealed(ledger) }
    figures.parked = try number("FROM huijia.parked")
    figures.quarantined = try number("FROM huijia.refused")
    figures.pendingConflicts = try conflicts(.pending)
    figures.ruledConflicts = try conflicts(.byRule)
    return figures
  }

  /// How many writes of a ledger are not sealed.
  private func unsealed(_ ledger: LedgerTable) throws -> UInt64 {
    let rows = try connection.query("SELECT coalesce(sum(n), 0)::bigint FROM \(ledger.outbox)")
    return UInt64(rows.int(0, 0) ?? 0)
  }

  private func toErase(_ lane: Lane) throws -> UInt64 {
    let head = try head(lane)
    var end = min(head.settledFrom, head.nextPosition)
    for peer in try peers() { end = min(end, try link(peer)[lane].acknowledged) }
    return end > head.firstPosition ? end - head.firstPosition : 0
  }

  private func number(_ from: String) throws -> UInt64 {
    UInt64(try connection.query("SELECT count(*) \(from)").int(0, 0) ?? 0)
  }

  /// One entry of an index for each.
  private func conflicts(_ kind: Conflict.Kind) throws -> UInt64 {
    try number("FROM huijia.conflict_value WHERE number = 1 AND kind = '\(kind.rawValue)'")
  }
}
