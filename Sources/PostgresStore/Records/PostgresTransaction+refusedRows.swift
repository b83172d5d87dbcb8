internal import ReplicationCore
internal import ReplicationEngine

/// Rows that a ledger's own table does not take: an operator gave it a constraint, a narrower column or an index.
enum RefusedRowLimits {
  /// Records that wait for a table at a time. With more the table is no place for this ledger, and the link stops.
  static let rows = 1000
}

extension PostgresTransaction {
  /// Says in the quarantine which parked records their table did not take, and why; and of those that it takes now no more.
  func noteRefusedRows() throws {
    if hasUnparked {
      _ = try connection.query(
        """
        DELETE FROM huijia.refused r WHERE r.waits AND NOT EXISTS (
          SELECT FROM huijia.parked p WHERE p.ledger = r.ledger AND p.key = r.key)
        """)
    }
    for (ref, error) in contested.refused.sorted(by: { $0.key < $1.key }) {
      try note(ref, error)
    }
    guard let error = contested.refused.values.first else { return }
    let waiting = try connection.query("SELECT count(*) FROM huijia.refused WHERE waits").int(0, 0)
    if waiting ?? 0 > RefusedRowLimits.rows { throw StoreError.unavailable(error) }
  }

  private func note(_ ref: RecordRef, _ error: PostgresError) throws {
    let parameters: [Parameter] = [
      .int(Int64(ref.ledger.number)), .text(ref.key),
      .text(
        "\(ref) waits: the ledger's table of this node does not take it (\(error)); change what "
          + "the table refuses, or the value where it is written: it is then applied by itself"),
    ]
    let known = try connection.query(
      """
      UPDATE huijia.refused SET detail = $3 WHERE waits AND ledger = $1 AND key = $2
      """, parameters)
    if known.affected > 0 { return }
    _ = try connection.query(
      """
      INSERT INTO huijia.refused (peer, ledger, key, code, detail, waits)
      SELECT p.peer, p.ledger, p.key, 'table_refuses', $3, true FROM huijia.parked p
      WHERE p.ledger = $1 AND p.key = $2 ORDER BY p.id LIMIT 1
      """, parameters)
  }
}
