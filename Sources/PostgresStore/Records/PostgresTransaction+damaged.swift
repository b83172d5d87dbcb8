internal import ReplicationCore

/// A record whose stored state a disk or a hand has damaged counts as one never heard of: what the peers hold of it comes back with the
/// next comparison of a link, and no other record waits for that.
enum DamageLimits {
  /// Records of one transaction. With more the database is not fit to go on with.
  static let records = 100
}

extension PostgresTransaction {
  /// What is read of a record's stored state; nil when it is damaged. Throws `StoreError` when very many are, or for what is no damage.
  func readable<T>(_ ref: RecordRef, _ read: () throws -> T) throws -> T? {
    do {
      return try read()
    } catch let error as StoreError {
      guard case .damaged = error, damaged.count < DamageLimits.records else { throw error }
      damaged[ref] = error
      return nil
    }
  }

  /// Says in the quarantine, once for each, which records were found damaged.
  func noteDamaged() throws {
    for (ref, error) in damaged.sorted(by: { $0.key < $1.key }) {
      _ = try connection.query(
        """
        INSERT INTO huijia.refused (peer, ledger, key, code, detail)
        SELECT s.value, $1, $2, 'damaged', $3 FROM huijia.setting s WHERE s.name = 'node'
          AND NOT EXISTS (SELECT FROM huijia.refused r
            WHERE r.code = 'damaged' AND r.ledger = $1 AND r.key = $2)
        """,
        [
          .int(Int64(ref.ledger.number)), .text(ref.key),
          .text("\(error): bring it back with huijiactl verify --repair, and check the disk"),
        ])
    }
  }
}
