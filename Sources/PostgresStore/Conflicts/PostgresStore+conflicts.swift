internal import Governance
package import ReplicationCore
internal import SignedFeed

/// A field in conflict, as an operator looks at it.
package struct ConflictEntry: Sendable, Hashable {
  /// One of its values.
  package struct Stated: Sendable, Hashable {
    /// What people take it by; 1 is shown.
    package let number: Int
    package let value: Value
    package let node: String
    package let tier: String
    /// The person who wrote it; nil where the proof does not lie here.
    package let author: String?
    /// Microseconds since 1970 UTC; nil likewise.
    package let time: Int64?
    package let rank: Int64
    package let dot: String
    /// Why it is shown; nil for the others.
    package let reason: String?
  }

  package let id: String
  package let ref: RecordRef
  package let field: FieldID
  package let kind: Conflict.Kind
  /// Changes with every value that comes or goes.
  package let version: String
  package var values: [Stated]
}

/// Which conflicts are asked for; nil: whichever.
package struct ConflictFilter: Sendable {
  package var id: String?
  package var ledger: LedgerID?
  package var field: FieldID?
  package var kind: Conflict.Kind?
  /// A node's id, or a tier's name: only those of which a value comes from there.
  package var authority: String?
  package init() {}
}

extension PostgresStore {
  /// Conflicts by ledger, key and field, at most `limit`. Throws `StoreError`.
  package func conflicts(_ filter: ConflictFilter, limit: Int) async throws -> [ConflictEntry] {
    try await read { tx in
      guard let tx = tx as? PostgresTransaction else { return [] }
      return try tx.conflictEntries(filter, limit: limit)
    }
  }

  /// How many conflicts there are of those. Throws `StoreError`.
  package func countConflicts(_ filter: ConflictFilter) async throws -> Int64 {
    try await read { tx in
      guard let tx = tx as? PostgresTransaction else { return 0 }
      let (condition, parameters) = filter.condition
      return try tx.connection.query(
        "SELECT count(*) FROM huijia.conflict_value c WHERE c.number = 1 \(condition)", parameters
      ).int(0, 0) ?? 0
    }
  }
}

extension ConflictFilter {
  /// Conditions on alias `c`, a conflict's first row.
  fileprivate var condition: (String, [Parameter]) {
    var text = ""
    var parameters: [Parameter] = []
    func add(_ parameter: Parameter, _ condition: (String) -> String) {
      parameters.append(parameter)
      text += " AND " + condition("$\(parameters.count)")
    }
    if let id { add(.text(id)) { "c.id = \($0)" } }
    if let ledger { add(.int(Int64(ledger.number))) { "c.ledger = \($0)" } }
    if let field { add(.int(Int64(field.number))) { "c.field = \($0)" } }
    if let kind { add(.text(kind.rawValue)) { "c.kind = \($0)" } }
    if let authority {
      add(.text(authority)) {
        """
        EXISTS (SELECT FROM huijia.conflict_value v WHERE v.ledger = c.ledger AND v.key = c.key
          AND v.field = c.field AND \($0) IN (v.node, v.tier))
        """
      }
    }
    return (text, parameters)
  }
}

extension PostgresTransaction {
  func conflictEntries(_ filter: ConflictFilter, limit: Int) throws -> [ConflictEntry] {
    let (condition, parameters) = filter.condition
    let rows = try connection.query(
      """
      SELECT v.ledger, v.key, v.field, v.id, v.kind, v.version, v.number, v.body, v.node, v.tier,
        v.author, (extract(epoch FROM v.at) * 1000000)::bigint, v.rank, v.dot, v.why
      FROM (SELECT c.ledger, c.key, c.field FROM huijia.conflict_value c
        WHERE c.number = 1 \(condition) ORDER BY c.ledger, c.key, c.field
        LIMIT $\(parameters.count + 1)) c
      JOIN huijia.conflict_value v USING (ledger, key, field)
      ORDER BY v.ledger, v.key, v.field, v.number
      """, parameters + [.int(Int64(limit))])
    var entries: [ConflictEntry] = []
    for row in 0..<rows.count {
      let ref = RecordRef(LedgerID(UInt16(rows.int(row, 0) ?? 0)), rows.text(row, 1) ?? "")
      let field = FieldID(UInt8(rows.int(row, 2) ?? 0))
      if entries.last?.ref != ref || entries.last?.field != field {
        entries.append(
          ConflictEntry(
            id: rows.text(row, 3) ?? "", ref: ref, field: field,
            kind: Conflict.Kind(rawValue: rows.text(row, 4) ?? "") ?? .pending,
            version: rows.text(row, 5) ?? "", values: []))
      }
      entries[entries.count - 1].values.append(
        ConflictEntry.Stated(
          number: Int(rows.int(row, 6) ?? 0),
          value: try RecordCodec.value(rows.bytes(row, 7) ?? [], ref),
          node: rows.text(row, 8) ?? "", tier: rows.text(row, 9) ?? "",
          author: rows.text(row, 10), time: rows.int(row, 11), rank: rows.int(row, 12) ?? 0,
          dot: rows.text(row, 13) ?? "", reason: rows.text(row, 14)))
    }
    return entries
  }
}
