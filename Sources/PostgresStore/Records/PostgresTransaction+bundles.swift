internal import Governance
internal import ReplicationCore

/// Bundles: rows of an outbox that stand for many new rows of one statement each, with arrays of keys and changed fields.
///
/// They are for the short way alone. Whatever has to look at one of their records first takes them apart into rows of its own,
/// which lie where the bundle lay in the order of writes. A key of a bundle whose row has a version, or is gone, says nothing: it
/// was sealed out of turn, or deleted, which the outbox says itself.
extension PostgresTransaction {
  /// Takes the bundles that hold one of these keys apart; false when there was none.
  ///
  /// `CASE` keeps the planner from making a join of the membership: as a subplan it is hashed.
  func unbundle(_ ledger: LedgerTable, _ keys: [String]) throws -> Bool {
    if keys.isEmpty { return false }
    // They may have been read ahead.
    session.ahead?.drop()
    let apart = try connection.query(
      """
      WITH gone AS (DELETE FROM \(ledger.outbox) o WHERE o.keys IS NOT NULL AND EXISTS (
        SELECT FROM unnest(o.keys) b(key) WHERE CASE WHEN b.key IN (
          SELECT unnest(($1::text[])::\(ledger.keyType.rawValue)[])) THEN true END) RETURNING o.*)
      \(ledger.apart("gone"))
      """, [.texts(keys)])
    return apart.affected > 0
  }

  /// Takes bundles apart as far as they are about these keys; the others are being sealed, and the bundles go.
  func unbundle(_ ledger: LedgerTable, _ keys: [String], of tids: [Int64]) throws {
    if keys.isEmpty { return }
    _ = try connection.query(
      """
      WITH gone AS (SELECT * FROM \(ledger.outbox) WHERE ctid = ANY($2))
      \(ledger.apart("gone")) WHERE b.key = ANY(($1::text[])::\(ledger.keyType.rawValue)[])
      """, [.texts(keys), .tids(tids)])
  }
}

extension LedgerTable {
  /// Inserts into the outbox a row for each key of some bundles whose row is not sealed.
  fileprivate func apart(_ bundles: String) -> String {
    """
    INSERT INTO \(outbox) (id, xid, at, key, op, changed, actor)
    SELECT g.id, g.xid, g.at, b.key, 'I', b.changed, g.actor
    FROM \(bundles) g CROSS JOIN LATERAL unnest(g.keys, g.bits) b(key, changed)
    JOIN LATERAL (SELECT FROM \(table) t WHERE t.\(keyName) = b.key AND t._v IS NULL OFFSET 0) t ON true
    """
  }
}
