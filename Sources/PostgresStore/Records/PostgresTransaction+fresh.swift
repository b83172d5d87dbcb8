internal import ReplicationCore
internal import ReplicationEngine

/// The short way for new rows: inserted once, written by nobody since, of a key that nothing is known of.
///
/// What a load finds out with five statements and a record of each is known here from the row and one look at what else there is.
extension PostgresTransaction {
  /// Takes those of a pass's writes that are the whole story of a new row, and drops them from the outbox; nil in the place of
  /// each other. The rows are locked.
  func takeFresh(_ pass: [OutboxRow], _ ledger: LedgerTable) throws -> [CapturedWrite?] {
    var writes = [CapturedWrite?](repeating: nil, count: pass.count)
    var places: [String: Int] = [:]
    places.reserveCapacity(pass.count)
    var keys: [String] = []
    keys.reserveCapacity(pass.count)
    for (place, row) in pass.enumerated() where row.isPlainInsert {
      if contested.isEmpty || !contested.contains(RecordRef(ledger.id, row.key)) {
        places[row.key] = place
        keys.append(row.key)
      }
    }
    if keys.isEmpty { return writes }
    let wanted = Array(ledger.columns.indices)
    let found = try rows(ledger, keys, wanted, lock: true)
    let others = try told(ledger, keys)
    var tids: [Int64] = []
    tids.reserveCapacity(found.count)
    loaded.reserveCapacity(loaded.count + found.count)
    for row in 0..<found.count where found.isNull(row, 1) {
      guard let key = found.text(row, 0), !others.contains(key), let place = places[key] else {
        continue
      }
      let inserted = pass[place]
      let ref = RecordRef(ledger.id, key)
      let values = wanted.map { ledger.columns[$0].type.value(found, row, $0 + 3) }
      writes[place] = CapturedWrite(
        ref: ref, values: ledger.values(values, of: inserted.changed), isDeletion: false,
        isCreation: true,
        time: inserted.time + clockOffset, actor: inserted.actor)
      var known = LoadedRow()
      known.tid = found.int(row, 2)
      known.values = values
      loaded[ref] = known
      tids.append(inserted.tid)
    }
    try dropCaptured(tids, ledger)
    return writes
  }

  /// Of keys those of which there is more than one unsealed write, or a body.
  ///
  /// A new statement after the lock: a write committed in between is seen, and none can follow while the row is held.
  private func told(_ ledger: LedgerTable, _ keys: [String]) throws -> Set<String> {
    let found = try connection.query(
      """
      SELECT k FROM unnest($2::text[]) k
      WHERE (SELECT count(*) FROM \(ledger.outbox) o WHERE o.key = \(ledger.keyCast("k"))) <> 1
        OR EXISTS (SELECT FROM huijia.record r WHERE r.ledger = $1 AND r.key = k)
      """, [.int(Int64(ledger.id.number)), .texts(keys)])
    return Set((0..<found.count).map { found.text($0, 0) ?? "" })
  }
}

extension OutboxRow {
  /// An insert that may be the whole story of a new row.
  fileprivate var isPlainInsert: Bool {
    operation == UInt8(ascii: "I") && oldVersion == nil && seen == nil
  }
}
