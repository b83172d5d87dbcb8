package import ReplicationCore
import SignedFeed

/// What sealing did.
package struct SealOutcome: Sendable, Hashable {
  /// How many records' writes were taken.
  package var taken = 0
  /// Lanes whose feed grew.
  package var lanes: Set<Lane> = []
  /// Whether the store may hold more that is to be sealed.
  package var mayLeaveMore = false
  package init() {}
}

extension Replicator {
  /// Takes committed local writes, at most `limit` records, signs them, applies them to the own records and appends them to the feed.
  package func seal(
    _ tx: any StoreTransaction, limit: Int, at moment: Moment,
    using rng: inout some RandomNumberGenerator
  ) throws -> SealOutcome {
    var outcome = SealOutcome()
    let captured = try tx.takeCaptured(of: nil, limit: limit)
    outcome.mayLeaveMore = tx.mayLeaveCaptured
    guard !captured.isEmpty else { return outcome }
    outcome.taken = captured.count
    let loaded = try tx.load(captured.map(\.ref), lock: true)
    for lane in Lane.allCases {
      let writes = captured.filter { policy.lane(of: $0.ref.ledger) == lane }
      if writes.isEmpty { continue }
      var desk = try Desk(self, lane, moment, loaded.records, tx)
      for write in writes { desk.seal(write) }
      _ = try tx.save(desk.changedRecords, creations: desk.creations)
      try forgetWithdrawals(of: desk.movedRecords, tx)
      if !desk.entries.isEmpty { outcome.lanes.insert(lane) }
      try desk.flush(tx, using: &rng)
    }
    return outcome
  }
}

extension Desk {
  /// The records to save.
  var changedRecords: [RecordRef: Record] {
    if changed.count == records.count { return records }
    var result: [RecordRef: Record] = [:]
    result.reserveCapacity(changed.count)
    for ref in changed { result[ref] = records[ref] }
    return result
  }

  /// Records that are held, and whose home an entry of this transaction has changed.
  fileprivate var movedRecords: Set<RecordRef> {
    changed.filter { ref in
      records[ref].map { $0.isHeld && $0.moved >= firstPosition } ?? false
    }
  }
}
