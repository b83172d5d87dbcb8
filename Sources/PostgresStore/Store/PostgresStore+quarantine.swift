/// One refused item, as an operator looks at it.
package struct QuarantineEntry: Sendable, Hashable {
  package let id: Int64
  /// Microseconds since 1970 UTC.
  package let at: Int64
  /// The peer that sent it.
  package let peer: String
  /// The ledger's name; nil when what was refused belongs to none.
  package let ledger: String?
  package let key: String?
  package let dot: String?
  package let code: String
  /// What happened and where; holds no value of a record.
  package let detail: String
  /// Bytes of the proof that is kept; 0 when there is none.
  package let proofBytes: Int64
}

extension PostgresStore {
  /// What was refused, newest first: at most `limit` of those before `id` (nil: the newest). Throws `StoreError`.
  package func quarantined(before id: Int64? = nil, limit: Int) async throws -> [QuarantineEntry] {
    try await entries("q.id < $1", id ?? .max, limit)
  }

  /// One refused item; nil when there is none of this number. Throws `StoreError`.
  package func quarantined(_ id: Int64) async throws -> QuarantineEntry? {
    try await entries("q.id = $1", id, 1).first
  }

  private func entries(
    _ condition: String, _ id: Int64, _ limit: Int
  ) async throws -> [QuarantineEntry] {
    try await read { tx in
      guard let tx = tx as? PostgresTransaction else { return [] }
      let rows = try tx.connection.query(
        """
        SELECT q.id, (extract(epoch FROM q.at) * 1000000)::bigint, q.peer, q.ledger, q.key, q.dot,
          q.code, q.detail, coalesce(length(r.proof), 0)::bigint
        FROM huijia.quarantine q JOIN huijia.refused r ON r.id = q.id
        WHERE \(condition) ORDER BY q.id DESC LIMIT $2
        """, [.int(id), .int(Int64(limit))])
      return (0..<rows.count).map { row in
        QuarantineEntry(
          id: rows.int(row, 0) ?? 0, at: rows.int(row, 1) ?? 0, peer: rows.text(row, 2) ?? "",
          ledger: rows.text(row, 3), key: rows.text(row, 4), dot: rows.text(row, 5),
          code: rows.text(row, 6) ?? "", detail: rows.text(row, 7) ?? "",
          proofBytes: rows.int(row, 8) ?? 0)
      }
    }
  }
}
