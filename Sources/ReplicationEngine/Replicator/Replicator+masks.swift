import ReplicationCore
import SignedFeed

extension Replicator {
  /// How this node masks for a peer.
  func masking(for peer: NodeID) throws -> Masking {
    try Masking(node, for: peer, signedBy: signer)
  }

  /// The masks under which this node itself sees a record with these homes; the region, whose homes do not count, every record.
  func ownMasks(of ledger: LedgerID, homes: [Home]) -> FieldMasks {
    let any = policy.masks(of: node, in: ledger)
    if any.isEmpty || parent == nil || homes.isEmpty { return any }
    return policy.masks(of: node, in: ledger, homes: homes)
  }

  /// The fields in a batch that this node sees masked, for any home, by the indexes of their changes.
  private func masked(in batch: SignedBatch) -> [UInt64: FieldSet] {
    var result: [UInt64: FieldSet] = [:]
    for (index, _) in batch.shown {
      guard let ref = batch.ref(of: index) else { continue }
      let masked = policy.masks(of: node, in: ref.ledger).fields
      if !masked.isEmpty { result[index] = masked }
    }
    return result
  }

  /// The values in a batch that this node keeps masked, and until they are erased unmasked too: it uses the first.
  func closings(in batch: SignedBatch) -> [UInt64: FieldSet] {
    batch.hasMasks ? masked(in: batch) : [:]
  }

  /// A batch as the proof of a refusal, without the values that this node may see only masked.
  func proof(_ batch: SignedBatch) -> [UInt8] {
    let masked = masked(in: batch)
    if masked.isEmpty { return batch.encoded() }
    var hidden: [UInt64: FieldSet] = [:]
    for change in batch.changes {
      let open = FieldSet(change.writes.filter { !$0.value.isMasked }.map(\.field))
      hidden[change.dot.index] = masked[change.dot.index]?.intersection(open)
    }
    return batch.redacting(hidden).encoded()
  }
}
