import ReplicationCore
import SignedFeed

extension Replicator {
  /// Puts items into a parcel, with the certificates that the peer may lack; into several where one entry or record alone is too large.
  ///
  /// - Parameter before: while a catch-up is within a record: the record that it ended with last.
  func parcels(
    _ lane: Lane, _ span: Parcel.Span, before: RecordRef? = nil, _ items: [Item],
    _ evidence: [SignedBatch], within maximumBytes: Int, _ knownSigners: Set<Digest>,
    _ tx: any StoreTransaction
  ) throws -> Parcels {
    var (items, unproved) = proved(items, by: evidence)
    // What is held masked here cannot be told to who is to see it otherwise.
    unproved = unproved.filter { policy.masks(of: node, in: $0.ledger).isEmpty }
    let portions = portions(items, evidence, within: maximumBytes)
    var known = knownSigners
    var parcels: [Parcel] = []
    for (number, portion) in portions.enumerated() {
      var parcel = Parcel(
        lane: lane, span: number == portions.count - 1 ? span : span.part(after: before),
        policyEpoch: policy.epoch, items: portion.items, evidence: portion.evidence)
      var missing = Set(portion.evidence.map(\.header.signer))
      for batch in portion.evidence where batch.hasMasks { missing.formUnion(batch.maskers) }
      missing.subtract(known)
      if !missing.isEmpty {
        parcel.signers = try tx.signers().filter { missing.contains($0.fingerprint) }
        known.formUnion(missing)
      }
      parcels.append(parcel)
    }
    return Parcels(first: parcels[0], rest: Array(parcels.dropFirst()), unproved: unproved)
  }
}

extension Parcel.Span {
  /// The span of a part that moves no position.
  fileprivate func part(after last: RecordRef?) -> Parcel.Span {
    switch self {
    case .feed(let from, _): .feed(from: from, next: from)
    case .catchUp(let start, _, _, _, _):
      .catchUp(start: start, last: last, done: 0, total: 0, isComplete: false)
    }
  }
}
