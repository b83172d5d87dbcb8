package import ReplicationCore
package import SignedFeed

extension Replicator {
  /// What the feed from `position` on becomes for a peer under the current policy: as much as fits.
  ///
  /// - Parameters:
  ///   - position: not below the feed's lower bound: then the peer needs a catch-up by state.
  ///   - resuming: the `resume` of the previous projection, when it had one.
  ///   - knownSigners: signers whose certificates went over this channel already.
  ///   - lookahead: how many entries more may be taken to end where a batch ends.
  package func project(
    to peer: NodeID, lane: Lane, from position: UInt64, maximumBytes: Int, maximumEntries: Int,
    resuming: RecordRef? = nil, knownSigners: Set<Digest> = [], lookahead: Int = 0,
    _ tx: any StoreTransaction
  ) throws -> Projection {
    var entries = try tx.entries(lane, from: position, limit: maximumEntries + lookahead)
    if let first = entries.first, case .policy(let old, let new, _) = first.1 {
      // A snapshot may hold a policy that these rules are not of yet: by the former one it would withdraw nothing.
      guard new <= policy.epoch else {
        return Projection(
          try parcels(
            lane, .feed(from: position, next: position), [], [], within: maximumBytes, knownSigners,
            tx))
      }
      return try projectPolicy(
        from: old, to: new, peer, lane, at: position, maximumBytes, resuming, knownSigners, tx)
    }
    if let end = entries.firstIndex(where: { $0.1.ref == nil }) {
      entries.removeSubrange(end...)
    }
    // What all came from the peer mostly does not go back to it.
    let isEcho = entries.allSatisfy { $0.1.payloadSide == .link(peer) }
    var batches: [SignedBatch]?
    if lookahead > 0, !isEcho { batches = try cutAtBatchEnd(&entries, maximumBytes, tx) }
    if batches == nil, !isEcho { entries.removeSubrange(min(maximumEntries, entries.count)...) }
    let steps = try laterPolicies(lane, from: position, tx)
    var projector = projector(to: peer)
    if peer != parent, entries.contains(where: { $0.1.isGivenUp(by: node) }) {
      projector.former = formerPolicies
    }
    var slice = Slice(projector, steps)
    let isSettled = try steps.isEmpty && position >= tx.settledFrom(lane)
    try slice.look(at: entries, isSettled: isSettled, tx)
    slice.displaced = try displaced(in: entries, by: peer, tx)
    var count = entries.count
    while true {
      slice.project(entries.prefix(count))
      if let known = batches, !slice.demand.isWithin(known) { batches = nil }
      let all = try batches ?? tx.batches(containing: slice.demand.dots)
      batches = all
      let evidence = try slice.demand.prune(all, by: masking(for: peer))
      let size = evidence.reduce(slice.output.items.encodedBound) { $0 + $1.encodedSize }
      if size <= maximumBytes || count <= 1 {
        let next = (entries.prefix(count).last?.0).map { $0 + 1 } ?? position
        let parcels = try parcels(
          lane, .feed(from: position, next: next), slice.output.items, evidence,
          within: maximumBytes, knownSigners, tx)
        return Projection(parcels, archived: try archivedItems(slice.output.archived, tx))
      }
      count = max(1, min(count - 1, count * (maximumBytes / 16) / (size / 16 + 1) * 9 / 10))
    }
  }

  /// Leaves out the entries after the last batch that fits whole, when they are changes of batches one after another.
  /// Returns the batches; nil, and nothing happens, when they are not.
  ///
  /// A batch that is cut in two is pruned twice, sent with a digest for each half, checked twice and merged again.
  private func cutAtBatchEnd(
    _ entries: inout [(UInt64, Entry)], _ maximumBytes: Int, _ tx: any StoreTransaction
  ) throws -> [SignedBatch]? {
    var batches: [SignedBatch] = []
    var taken = 0
    var bytes = 0
    while taken < entries.count, let dot = entries[taken].1.changeDot,
      let batch = try tx.batches(containing: [dot]).first
    {
      var end = taken
      var last = dot
      bytes += batch.encodedSize
      while end < entries.count, let other = entries[end].1.changeDot, batch.header.has(other) {
        last = other
        bytes += 24 + (entries[end].1.ref?.key.utf8.count ?? 0)
        end += 1
      }
      if last.index != batch.header.lastIndex || (taken > 0 && bytes > maximumBytes) { break }
      taken = end
      batches.append(batch)
    }
    if taken == 0 { return nil }
    entries.removeSubrange(taken...)
    return batches
  }

  private func laterPolicies(
    _ lane: Lane, from position: UInt64, _ tx: any StoreTransaction
  ) throws -> [PolicyStep] {
    try tx.policyEntries(lane, from: position).compactMap { position, entry in
      guard case .policy(let old, let new, _) = entry, let before = policies.policy(old),
        let after = policies.policy(new)
      else { return nil }
      return PolicyStep(position: position, old: before, new: after)
    }
  }
}

extension Entry {
  /// The dot of a change that took effect here; nil for other entries.
  fileprivate var changeDot: Dot? {
    if case .change(_, let dot, _, _, _, _) = self { dot } else { nil }
  }
}

extension Entry {
  /// Where its record belonged after it; nil where the entry does not say.
  fileprivate var routingAfter: Routing? {
    switch self {
    case .change(_, _, _, _, let after, _), .state(_, _, _, let after, _),
      .withdrawn(_, _, _, _, let after, _):
      after
    case .policy, .withdrawTo, .answer, .relay, .relayState: nil
    }
  }
}

/// Entries of a slice being projected.
private struct Slice {
  let projector: Projector
  let steps: [PolicyStep]
  /// Of the entries, in their order, what they become without a look at their records.
  private var settled: [SettledProjection] = []
  private var records: [RecordRef: Record] = [:]
  /// Records whose own changes go as payload.
  var displaced = Set<RecordRef>()
  var output = Projector.Output()
  var demand = EvidenceDemand()
  private var ledgers: [LedgerID: Projector.Ledger] = [:]

  init(_ projector: Projector, _ steps: [PolicyStep]) {
    self.projector = projector
    self.steps = steps
  }

  private mutating func ledger(_ id: LedgerID) -> Projector.Ledger {
    if let known = ledgers[id] { return known }
    let made = projector.ledger(id)
    ledgers[id] = made
    return made
  }

  /// Reads the records of entries that cannot go without.
  mutating func look(
    at entries: [(UInt64, Entry)], isSettled: Bool, _ tx: any StoreTransaction
  ) throws {
    settled = []
    settled.reserveCapacity(entries.count)
    var refs = Set<RecordRef>()
    for (_, entry) in entries {
      guard let ref = entry.ref else { continue }
      let told = isSettled ? projector.settled(entry, ledger(ref.ledger)) : .open
      settled.append(told)
      if case .open = told { refs.insert(ref) }
    }
    records = refs.isEmpty ? [:] : try tx.outlines(refs.sorted())
  }

  mutating func project(_ entries: ArraySlice<(UInt64, Entry)>) {
    output = Projector.Output()
    demand = EvidenceDemand()
    var masks: [FieldMasks] = []
    for (told, (position, entry)) in zip(settled, entries) {
      guard let ref = entry.ref else { continue }
      let first = output.items.count
      switch told {
      case .nothing: break
      case .item(let item): output.items.append(item)
      case .open:
        projector.project(
          entry, at: position, records[ref] ?? Record(), ledger(ref.ledger), steps: steps,
          into: &output)
      }
      if first < output.items.count {
        let own = self.masks(ref, entry)
        masks += Array(repeating: own, count: output.items.count - first)
      }
      guard projector.isUp, case .change(_, let dot, _, _, _, .own) = entry else { continue }
      if displaced.contains(ref) {
        for at in first..<output.items.count { output.items[at] = output.items[at].asPayload }
      }
      // The first hop sees every header of the author's own chain.
      demand.addHeader(dot)
    }
    for (item, masks) in zip(output.items, masks) { demand.add(item, masks) }
  }

  /// The masks under which the peer sees the record of an entry, as it stands here.
  private mutating func masks(_ ref: RecordRef, _ entry: Entry) -> FieldMasks {
    let ledger = ledger(ref.ledger)
    if ledger.masks.isEmpty || projector.isUp { return ledger.masks }
    if let record = records[ref] {
      return projector.masks(record.routing(by: ledger.routing), ledger)
    }
    return projector.masks(entry.routingAfter ?? .notHeld, ledger)
  }
}

extension Replicator {
  /// The policies before the one in force, as far as a child's view under them may still stand in its tables.
  private var formerPolicies: [any ViewPolicy] {
    policies.epochs(after: 0).filter { $0 < policy.epoch }.suffix(4).compactMap {
      policies.policy($0)
    }
  }
}

extension Entry {
  /// Whether it tells what a node gave up by itself.
  fileprivate func isGivenUp(by node: NodeID) -> Bool {
    if case .withdrawn(_, _, _, _, _, node) = self { true } else { false }
  }
}
