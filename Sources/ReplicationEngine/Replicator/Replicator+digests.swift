package import ReplicationCore
import SignedFeed

extension Replicator {
  /// How many unacknowledged entries are looked through for a record; with more everything counts as under way.
  private static let backlogLimit: UInt64 = 20_000

  /// The ledgers of which a link has a view.
  package func ledgersShared(with peer: NodeID) -> [LedgerID] {
    ledgers.filter {
      !policy.fields(of: peer, in: $0).isEmpty && !policy.fields(of: node, in: $0).isEmpty
    }.sorted()
  }

  /// What a gate between this node and the peer never holds back of a ledger; nil when there is no gate.
  package func gate(with peer: NodeID, in ledger: LedgerID) -> FieldSet? {
    let isGated =
      peer == parent
      ? policy.isGated(from: node, to: peer, in: ledger)
      : policy.isGated(from: peer, to: node, in: ledger)
    guard isGated else { return nil }
    return FieldSet.existence.union(FieldSet(policy.routingFields(of: ledger)))
  }

  /// Digests of the records in the link's view, in key order, of at most about `limit` records looked at.
  ///
  /// - Parameters:
  ///   - after: the key that the range begins after; nil: the first.
  ///   - through: the last key of the range; nil: the last of all.
  package func shares(
    with peer: NodeID, of ledger: LedgerID, after: String?, through: String?, limit: Int,
    _ tx: any StoreTransaction
  ) throws -> ShareSlice {
    let projector = projector(to: peer)
    let rules = projector.ledger(ledger)
    // Downwards the homes decide what is in the view.
    let near = projector.isUp ? nil : policy.divisions(of: peer, in: ledger)
    let slice = try tx.outlines(
      ledger, routing: rules.routing, near: near, after: after, through: through, limit: limit)
    var records: [(key: String, digest: ShareDigest)] = []
    records.reserveCapacity(slice.records.count)
    for (key, outline) in slice.records {
      let share = projector.share(of: outline, rules)
      if share.isEmpty { continue }
      records.append((key, ShareDigest(share, of: RecordRef(ledger, key))))
    }
    return ShareSlice(records, next: slice.next)
  }

  /// What this end holds of some records of the link's view, and whether something of them is under way.
  ///
  /// - Parameter since: feed positions that an earlier call gave: what was appended from there on counts as under way too.
  package func details(
    of refs: [RecordRef], with peer: NodeID, since: LanePositions? = nil,
    _ tx: any StoreTransaction
  ) throws -> DetailSlice {
    let link = try tx.link(peer)
    let acknowledged = LanePositions(
      bulk: link.bulk.acknowledged, urgent: link.urgent.acknowledged)
    let records = try tx.load(refs, lock: false).records
    let projector = projector(to: peer)
    var moving = try moving(refs, to: peer, records, since ?? acknowledged, tx)
    for parked in try tx.parked(of: Set(refs), limit: .max) where parked.peer == peer {
      if let ref = parked.item.ref { moving.insert(ref) }
    }
    let details = refs.map { ref in
      let ledger = projector.ledger(ref.ledger)
      let outline = RecordOutline(records[ref] ?? Record(), routing: ledger.routing)
      return RecordDetail(
        ref: ref, isMoving: moving.contains(ref), share: projector.share(of: outline, ledger))
    }
    return DetailSlice(details, acknowledged: acknowledged)
  }

  /// The records of which an entry at or after these positions has something for the peer.
  ///
  /// Asked of a record that the peer may not see, the answer is no: such entries become nothing for it.
  private func moving(
    _ refs: [RecordRef], to peer: NodeID, _ records: [RecordRef: Record],
    _ positions: LanePositions, _ tx: any StoreTransaction
  ) throws -> Set<RecordRef> {
    var result = Set<RecordRef>()
    let projector = projector(to: peer)
    for lane in Lane.allCases {
      let wanted = Set(refs.filter { policy.lane(of: $0.ledger) == lane })
      if wanted.isEmpty { continue }
      let from = positions[lane]
      let bounds = try tx.feedBounds(lane)
      let isKept = from >= bounds.lowerBound && bounds.upperBound - from <= Self.backlogLimit
      if try !isKept || !tx.policyEntries(lane, from: from).isEmpty {
        result.formUnion(wanted)
        continue
      }
      if from == bounds.upperBound { continue }
      for (position, entry) in try tx.entries(of: wanted, in: lane, from: from) {
        guard let ref = entry.ref else { continue }
        var output = Projector.Output()
        projector.project(
          entry, at: position, records[ref] ?? Record(), projector.ledger(ref.ledger), steps: [],
          into: &output)
        if !output.items.isEmpty { result.insert(ref) }
      }
    }
    return result
  }

  /// Tells the peer how records stand here, by the feed: states, and withdrawals of what a child may not hold. Returns the records told of.
  ///
  /// Left out is what cannot be told: a record that is not held here (only who holds it can say how it stands), and one whose proofs are not kept, for
  /// the peer would have to refuse it.
  package func answer(
    _ refs: [RecordRef], to peer: NodeID, _ tx: any StoreTransaction
  ) throws -> Set<RecordRef> {
    let projector = projector(to: peer)
    let records = try tx.load(refs, lock: false).records
    var demands: [RecordRef: EvidenceDemand] = [:]
    var all = EvidenceDemand()
    for ref in refs {
      guard let record = records[ref], record.isHeld else { continue }
      var demand = EvidenceDemand()
      let item = projector.catchUp(ref, record, projector.ledger(ref.ledger))
      if item == nil, projector.isUp { continue }
      if let item {
        demand.add(item)
        all.add(item)
      }
      demands[ref] = demand
    }
    let batches = try tx.batches(containing: all.dots)
    let told = demands.filter { $0.value.isMet(by: batches) }.keys.sorted()
    for lane in Lane.allCases {
      let entries = told.filter { policy.lane(of: $0.ledger) == lane }
        .map { Entry.answer($0, to: peer) }
      if !entries.isEmpty { _ = try tx.append(entries, to: lane) }
    }
    return Set(told)
  }
}

extension EvidenceDemand {
  /// Whether every value that is to be proved is shown by one of the batches.
  fileprivate func isMet(by batches: [SignedBatch]) -> Bool {
    fields.allSatisfy { replica, indexes in
      indexes.allSatisfy { index, fields in
        batches.contains { batch in
          batch.header.replica == replica && fields.isSubset(of: batch.fields(of: index))
        }
      }
    }
  }
}
