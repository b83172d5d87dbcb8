/// Why nobody's word for a value was taken.
package struct VerificationRefused: Error, Sendable {
  /// `HJ001`: outside the scope; `HJ002`: no such record or field, or a field in conflict.
  package let sqlState: String
  package let message: String
  package let hint: String
}

extension PostgresStore {
  /// Vouches for values as `huijia.verify` does; without fields for all that the node may verify. Returns the fields' names.
  ///
  /// Throws `VerificationRefused`, `StoreError`.
  package func verify(
    ledger: String, key: String, fields: [String]?, actor: String
  ) async throws -> [String] {
    let conninfo = conninfo
    do {
      return try await operators.run { open in
        let connection = try open ?? Connection(conninfo)
        open = connection.isOpen ? connection : nil
        let rows = try connection.query(
          """
          SELECT unnest(huijia.verify($1, $2, $3::text[]))
          FROM (SELECT set_config('huijia.actor', $4, false)) s
          """,
          [.text(ledger), .text(key), fields.map { .texts($0) } ?? .null, .text(actor)])
        return (0..<rows.count).compactMap { rows.text($0, 0) }
      }
    } catch let error as PostgresError {
      guard error.sqlState.hasPrefix("HJ") else { throw StoreError.unavailable(error) }
      throw VerificationRefused(
        sqlState: error.sqlState, message: error.message, hint: error.hint)
    }
  }
}
