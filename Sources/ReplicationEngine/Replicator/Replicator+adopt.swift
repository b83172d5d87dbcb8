package import ReplicationCore
import SignedFeed

extension Replicator {
  /// Takes a new policy: a policy entry goes into both lanes, and this node gives up by itself what it may no longer hold.
  ///
  /// The caller keeps this value's `policy` only when the transaction commits. Throws `ParcelError` when the shelf does not have the epoch.
  package mutating func adopt(
    _ epoch: UInt64, from side: Side, _ tx: any StoreTransaction, at moment: Moment,
    using rng: inout some RandomNumberGenerator
  ) throws {
    guard let next = policies.policy(epoch) else {
      throw ParcelError(
        .unknownPolicy, "policy epoch \(epoch) was announced and its document is not here")
    }
    let old = policy
    // What was written until now is signed under the policy that allowed it, and pruned like everything else.
    var isMore = old.epoch > 0
    while isMore {
      let sealed = try seal(tx, limit: 4096, at: moment, using: &rng)
      isMore = sealed.mayLeaveMore && sealed.taken > 0
    }
    policy = next
    try tx.setAdoptedPolicy(epoch)
    if old.epoch > 0 {
      for lane in Lane.allCases {
        _ = try tx.append([.policy(old: old.epoch, new: epoch, from: side)], to: lane)
      }
    }
    for ledger in ledgers {
      let fields = next.fields(of: node, in: ledger)
      let masked = next.masks(of: node, in: ledger).fields
      var near = ViewDifference.all
      if old.fields(of: node, in: ledger).isSubset(of: fields) {
        // Of the fields it loses none: only masks can take something from it, where its view is another.
        if masked.isEmpty { continue }
        near = next.difference(from: old, for: node, in: ledger, isUp: parent == nil)
      }
      try prune(ledger, near, to: fields.subtracting(masked), tx, moment, &rng)
    }
  }

  /// Gives up what the policy takes from this node of the records of a ledger.
  ///
  /// `whole`: the fields that it may hold unmasked for whatever home: a record with no others is let alone.
  private func prune(
    _ ledger: LedgerID, _ near: ViewDifference, to whole: FieldSet, _ tx: any StoreTransaction,
    _ moment: Moment, _ rng: inout some RandomNumberGenerator
  ) throws {
    var records = RecordWalk(ledger, near, routing: policy.routingFields(of: ledger))
    var last: String?
    while true {
      let slice = try records.next(after: last, limit: 500, tx)
      guard let end = slice.last else { return }
      last = end.0.key
      let refs = slice.filter { !$0.1.heldFields.isSubset(of: whole) }.map(\.0)
      if refs.isEmpty { continue }
      let loaded = try tx.load(refs, lock: true)
      let captured = try tx.takeCaptured(of: refs.filter { !loaded.busy.contains($0) }, limit: .max)
      var desk = try Desk(self, policy.lane(of: ledger), moment, loaded.records, tx)
      for write in captured { desk.seal(write) }
      for ref in refs where !loaded.busy.contains(ref) { desk.prune(ref) }
      for ref in loaded.busy.sorted() {
        // Tried again it is judged anew by what the policy says then.
        let outside = FieldSet(bits: ~whole.bits)
        try tx.park(ParkedItem(peer: node, item: .withdrawal(ref, fields: outside)))
      }
      _ = try tx.save(desk.changedRecords, creations: desk.creations)
      try desk.flush(tx, using: &rng)
    }
  }
}
