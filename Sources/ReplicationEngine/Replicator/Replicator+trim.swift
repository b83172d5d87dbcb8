import ReplicationCore
import SignedFeed

extension Replicator {
  /// Forgets feed entries that every link has acknowledged, or that are more than `maximumKept` back, at most `limit` a lane;
  /// with them the values that nothing shows or names any more: that is how a withdrawal erases.
  ///
  /// Returns how many entries went.
  package func trim(
    _ tx: any StoreTransaction, maximumKept: UInt64, limit: Int
  ) throws -> Int {
    var gone = 0
    let peers = try tx.peers()
    let waiting = try tx.parked(of: nil, limit: .max)
    for lane in Lane.allCases {
      let bounds = try tx.feedBounds(lane)
      var low = bounds.upperBound
      for peer in peers { low = min(low, try tx.link(peer)[lane].acknowledged) }
      for parked in waiting where parked.item.ref.map({ policy.lane(of: $0.ledger) }) == lane {
        if parked.acknowledged > 0 { low = min(low, parked.acknowledged) }
      }
      if bounds.upperBound - low > maximumKept { low = bounds.upperBound - maximumKept }
      guard low > bounds.lowerBound else { continue }
      let limit = Int(min(UInt64(limit), low - bounds.lowerBound))
      let entries = try tx.entries(lane, from: bounds.lowerBound, limit: limit)
      guard let last = entries.last else { continue }
      try tx.redact(try garbage(entries.map(\.1), lane, after: last.0 + 1, tx))
      try close(entries.map(\.1), tx)
      try tx.trim(lane, below: last.0 + 1)
      gone += entries.count
    }
    return gone
  }

  /// The values named by entries that are neither held, nor released, nor named by a later entry or a parked item.
  private func garbage(
    _ entries: [Entry], _ lane: Lane, after position: UInt64, _ tx: any StoreTransaction
  ) throws -> [Dot: FieldSet] {
    var candidates: [RecordRef: EvidenceDemand] = [:]
    for entry in entries {
      guard let ref = entry.ref else { continue }
      candidates[ref, default: EvidenceDemand()].add(entry)
      if case .withdrawn(_, _, let gone, _, _, _) = entry {
        candidates[ref, default: EvidenceDemand()].add(gone)
      }
    }
    try addOverwritten(&candidates, entries, tx)
    let records = try tx.outlines(candidates.keys.sorted())
    for (ref, candidate) in candidates {
      var held = EvidenceDemand()
      for entry in (records[ref]?.registers ?? []) + (records[ref]?.released ?? []) {
        held.add([FieldDots(entry.field, entry.register.dots)])
      }
      let rest = candidate.without(held)
      candidates[ref] = rest.fields.isEmpty ? nil : rest
    }
    // What is new is held: then the feed, which may be long, need not be read.
    if candidates.isEmpty { return [:] }
    let refs = Set(candidates.keys)
    var needed: [RecordRef: EvidenceDemand] = [:]
    for (_, entry) in try tx.entries(of: refs, in: lane, from: position) {
      if let ref = entry.ref { needed[ref, default: EvidenceDemand()].add(entry) }
    }
    for parked in try tx.parked(of: refs, limit: .max) {
      if let ref = parked.item.ref { needed[ref, default: EvidenceDemand()].add(parked.item) }
    }
    var result: [Dot: FieldSet] = [:]
    for (ref, candidate) in candidates {
      let rest = needed[ref].map { candidate.without($0) } ?? candidate
      for (replica, indexes) in rest.fields {
        for (index, fields) in indexes {
          result[Dot(replica, index), default: FieldSet()].formUnion(fields)
        }
      }
    }
    return result
  }

  /// The values named by entries that are held masked now: as their authors wrote them they are erased.
  private func close(_ entries: [Entry], _ tx: any StoreTransaction) throws {
    var named: [RecordRef: EvidenceDemand] = [:]
    for entry in entries {
      guard let ref = entry.ref, !policy.masks(of: node, in: ref.ledger).isEmpty else { continue }
      named[ref, default: EvidenceDemand()].add(entry)
      if case .withdrawn(_, _, let gone, _, _, _) = entry { named[ref]?.add(gone) }
    }
    if named.isEmpty { return }
    var closed: [Dot: FieldSet] = [:]
    for (ref, record) in try tx.load(named.keys.sorted(), lock: false).records {
      guard let demand = named[ref] else { continue }
      for entry in record.registers + record.released {
        for sibling in entry.register.siblings where sibling.value.isMasked {
          let fields = demand.fields[sibling.dot.replica]?[sibling.dot.index] ?? FieldSet()
          if fields.contains(entry.field) { closed[sibling.dot, default: []].insert(entry.field) }
        }
      }
    }
    try tx.close(closed)
  }

  /// What the entries' writes overwrote: a base names the last write of each replica to the field.
  private func addOverwritten(
    _ candidates: inout [RecordRef: EvidenceDemand], _ entries: [Entry],
    _ tx: any StoreTransaction
  ) throws {
    var demand = EvidenceDemand()
    for entry in entries { demand.add(entry) }
    for batch in try tx.batches(containing: demand.dots) {
      let wanted = demand.fields[batch.header.replica] ?? [:]
      for change in batch.changes {
        guard let fields = wanted[change.dot.index] else { continue }
        for write in change.writes where fields.contains(write.field) {
          for entry in write.base.entries {
            candidates[change.ref, default: EvidenceDemand()].add(
              Dot(entry.replica, entry.index), FieldSet([write.field]))
          }
        }
      }
    }
  }
}
