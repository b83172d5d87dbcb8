package import ReplicationCore
import SignedFeed

extension Replicator {
  /// Takes out of records what the peer does not hold and what nobody here can prove. Returns how many values went.
  ///
  /// No author's word stands behind such a value: it could never be passed on, and would keep two ends different for ever. The quarantine
  /// names its dot. What has a proof stays, whatever the peer says, and so does what is under way or behind a gate. So does what stands
  /// under this node's own name: if its proof was lost, nobody else has the value, and a person must decide.
  ///
  /// - Parameter theirs: what the peer holds of these records.
  package func setAside(
    _ theirs: [RecordDetail], from peer: NodeID, _ tx: any StoreTransaction, at moment: Moment,
    using rng: inout some RandomNumberGenerator
  ) throws -> Int {
    let unproved = try unproved(theirs, against: peer, tx)
    var count = 0
    for lane in Lane.allCases {
      let refs = unproved.keys.filter { policy.lane(of: $0.ledger) == lane }.sorted()
      if refs.isEmpty { continue }
      let gone = try setAside(refs, unproved, lane, tx, at: moment, using: &rng)
      for (ref, field, dot) in gone {
        try tx.quarantine(
          QuarantinedItem(
            peer: peer, ref: ref, dot: dot, code: "unproved",
            detail: "\(dot) stood in field \(field) of \(ref) without its proof, and \(peer) does "
              + "not hold it: look for a database that was changed by hand or damaged",
            proof: nil))
      }
      count += gone.count
    }
    return count
  }

  /// Takes values out of the records of a lane that nothing else works on; returns those that went.
  private func setAside(
    _ refs: [RecordRef], _ unproved: [RecordRef: [FieldDots]], _ lane: Lane,
    _ tx: any StoreTransaction, at moment: Moment, using rng: inout some RandomNumberGenerator
  ) throws -> [(RecordRef, FieldID, Dot)] {
    let loaded = try tx.load(refs, lock: true)
    var busy = loaded.busy
    let captured = try tx.takeCaptured(of: refs.filter { !busy.contains($0) }, limit: .max)
    while true {
      var desk = try Desk(self, lane, moment, loaded.records, tx)
      for write in captured { desk.seal(write) }
      var gone: [(RecordRef, FieldID, Dot)] = []
      for ref in refs where !busy.contains(ref) {
        for entry in desk.setAside(unproved[ref] ?? [], of: ref) {
          gone += entry.dots.map { (ref, entry.field, $0) }
        }
      }
      let failed = try tx.save(desk.changedRecords, creations: desk.creations)
      if failed.isEmpty {
        try desk.flush(tx, using: &rng)
        return gone
      }
      busy.formUnion(failed)
    }
  }

  /// What stands here, not there, and has no proof; by record, ascending by field.
  private func unproved(
    _ theirs: [RecordDetail], against peer: NodeID, _ tx: any StoreTransaction
  ) throws -> [RecordRef: [FieldDots]] {
    let mine = try details(of: theirs.map(\.ref), with: peer, tx).records
    var suspects: [RecordRef: [FieldDots]] = [:]
    var demand = EvidenceDemand()
    for (their, my) in zip(theirs, mine) where !their.isMoving && !my.isMoving {
      let only = onlyHere(my, their, peer)
      if only.isEmpty { continue }
      suspects[my.ref] = only
      demand.add(only)
    }
    if suspects.isEmpty { return [:] }
    let pool = EvidencePool(demand.prune(try tx.batches(containing: demand.dots)))
    var result: [RecordRef: [FieldDots]] = [:]
    for (ref, values) in suspects {
      let rest = values.compactMap { entry -> FieldDots? in
        let dots = entry.dots.filter {
          $0.replica.node != node && !pool.proves(entry.field, of: $0, in: ref)
        }
        return dots.isEmpty ? nil : FieldDots(entry.field, dots)
      }
      if !rest.isEmpty { result[ref] = rest }
    }
    return result
  }

  /// The values that this end holds and the peer does not, in the fields in which the two differ.
  private func onlyHere(
    _ mine: RecordDetail, _ theirs: RecordDetail, _ peer: NodeID
  ) -> [FieldDots] {
    let (above, below) =
      peer == parent ? (theirs.share, mine.share) : (mine.share, theirs.share)
    let fields = LinkShare.differences(
      parent: above, child: below, gate: gate(with: peer, in: mine.ref.ledger))
    return fields.members.compactMap { field in
      let held = Set(theirs.share.certain.lazy.filter { $0.fields.contains(field) }.map(\.dot))
      let dots = mine.share.certain.lazy.filter { $0.fields.contains(field) }.map(\.dot)
        .filter { !held.contains($0) }
      return dots.isEmpty ? nil : FieldDots(field, Array(dots))
    }
  }
}

extension EvidencePool {
  /// Whether a batch shows this field of this change, and the change is of this record.
  fileprivate func proves(_ field: FieldID, of dot: Dot, in ref: RecordRef) -> Bool {
    change(dot, [field])?.ref == ref
  }
}
