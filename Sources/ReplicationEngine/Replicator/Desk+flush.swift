import ReplicationCore
import SignedFeed

extension Desk {
  /// Writes everything but the records into the store: own batches, entries, archive, chain.
  mutating func flush(
    _ tx: any StoreTransaction, using rng: inout some RandomNumberGenerator
  ) throws {
    try sealOwn(tx, using: &rng)
    if !entries.isEmpty { _ = try tx.append(entries, to: lane) }
    if !lost.isEmpty { try tx.forget(lost) }
    guard !archived.isEmpty else { return }
    let items = try archivedItems(archived.map { ($0.ref, $0.payload) }, tx)
    try replicator.archive(
      items.map { item in
        ArchivedItem(
          ref: item.ref, payload: item.payload, evidence: item.evidence,
          movedTo: archived.first { $0.ref == item.ref }?.movedTo)
      }, tx)
  }

  private mutating func sealOwn(
    _ tx: any StoreTransaction, using rng: inout some RandomNumberGenerator
  ) throws {
    guard !ownChanges.isEmpty else { return }
    var batches: [SignedBatch] = []
    var start = 0
    while start < ownChanges.count {
      let end = Self.batchEnd(ownChanges, from: start)
      let batch = try SignedBatch.seal(
        Array(ownChanges[start..<end]), order: Array(ownOrder[start..<end]),
        previous: chain.previous, policyEpoch: replicator.policy.epoch,
        catalogEpoch: replicator.catalogEpoch, time: moment.adjusted,
        isAdjusted: moment.offset != 0, signer: replicator.signer, using: &rng)
      chain.previous = batch.digest
      batches.append(batch)
      start = end
    }
    try tx.keep(batches)
    try tx.setChain(chain, lane)
  }

  /// Where a batch that begins at `start` ends: a parcel must be able to carry it whole.
  private static func batchEnd(_ changes: [Change], from start: Int) -> Int {
    var size = SignedBatch.sizeBound(of: changes[start])
    var end = start + 1
    while end < changes.count, end - start < BatchTargets.changes {
      size += SignedBatch.sizeBound(of: changes[end])
      if size > BatchTargets.bytes { break }
      end += 1
    }
    return end
  }
}

/// How large a batch this node seals.
enum BatchTargets {
  static let changes = 512
  static let bytes = 216 * 1024
}

extension [FieldDots] {
  /// Without the values that are kept only masked: who masked them has them.
  fileprivate func opened(by batches: [SignedBatch]) -> [FieldDots] {
    let masked = batches.filter(\.hasMasks)
    if masked.isEmpty { return self }
    return compactMap { entry in
      let dots = entry.dots.filter { dot in
        !masked.contains {
          $0.header.has(dot) && $0.closedFields(of: dot.index).contains(entry.field)
        }
      }
      return dots.isEmpty ? nil : FieldDots(entry.field, dots)
    }
  }
}

/// The archive's form of values that leave: named by their dots, with the authors' batches pruned to them.
func archivedItems(
  _ archived: [(RecordRef, [FieldDots])], _ tx: any StoreTransaction
) throws -> [ArchivedItem] {
  var demand = EvidenceDemand()
  for (_, payload) in archived { demand.add(payload) }
  let batches = try tx.batches(containing: demand.dots)
  return try archived.compactMap { ref, payload in
    let payload = payload.opened(by: batches)
    if payload.isEmpty { return nil }
    var own = EvidenceDemand()
    own.add(payload)
    return ArchivedItem(ref: ref, payload: payload, evidence: try own.opened(batches))
  }
}
