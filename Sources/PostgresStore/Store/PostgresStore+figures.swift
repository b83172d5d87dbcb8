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
  /// Records of which a field has several values.
  package var conflicted: UInt64 = 0
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
    for ledger in ledgers.inOrder { figures.unsealed += try number("FROM \(ledger.outbox)") }
    figures.parked = try number("FROM huijia.parked")
    figures.quarantined = try number("FROM huijia.refused")
    figures.conflicted = try conflicted()
    return figures
  }

  private func number(_ from: String) throws -> UInt64 {
    UInt64(try connection.query("SELECT count(*) \(from)").int(0, 0) ?? 0)
  }

  /// Bodies are few: only what a row cannot show has one.
  private func conflicted() throws -> UInt64 {
    let rows = try connection.query("SELECT ledger, key, body FROM huijia.record WHERE held")
    var count: UInt64 = 0
    for row in 0..<rows.count {
      let ref = RecordRef(LedgerID(UInt16(rows.int(row, 0) ?? 0)), rows.text(row, 1) ?? "")
      let record = try RecordCodec.body(rows.bytes(row, 2) ?? [], ref)
      let isConflicted = record.registers.contains { entry in
        Set(entry.register.siblings.map(\.value)).count > 1
      }
      if isConflicted { count += 1 }
    }
    return count
  }
}
