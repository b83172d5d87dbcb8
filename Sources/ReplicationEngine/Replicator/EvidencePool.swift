import ReplicationCore
import SignedFeed

/// Verified changes by dot: where the values of items come from.
struct EvidencePool {
  /// A change as far as its batch shows it here.
  struct Proof {
    var change: Change
    /// The policy that the author wrote under.
    let policyEpoch: UInt64
    /// The catalog that the author wrote under.
    let catalogEpoch: UInt64
    /// Which of `batches` it is from.
    let batch: Int
  }

  private(set) var batches: [SignedBatch] = []
  private var proofs: [Dot: Proof] = [:]

  init(_ batches: [SignedBatch] = []) { add(batches) }

  /// Whether any value in it is masked.
  var hasMasks: Bool { batches.contains(where: \.hasMasks) }

  mutating func add(_ more: [SignedBatch]) {
    for batch in more {
      let changes = batch.changes
      proofs.reserveCapacity(proofs.count + changes.count)
      for change in changes { add(change, batch.header) }
      batches.append(batch)
    }
  }

  private mutating func add(_ change: Change, _ header: BatchHeader) {
    guard var known = proofs[change.dot] else {
      proofs[change.dot] = Proof(
        change: change, policyEpoch: header.policyEpoch, catalogEpoch: header.catalogEpoch,
        batch: batches.count)
      return
    }
    let fields = known.change.fields
    let more = change.writes.filter { !fields.contains($0.field) }
    if more.isEmpty { return }
    known.change.writes = (known.change.writes + more).sorted { $0.field < $1.field }
    proofs[change.dot] = known
  }

  subscript(dot: Dot) -> Proof? { proofs[dot] }

  /// The batch that shows a change, pruned to that change; nil when none does.
  func batch(of dot: Dot) -> SignedBatch? {
    proofs[dot].map { proof in
      let batch = batches[proof.batch]
      return batch.pruned(to: [dot.index: batch.fields(of: dot.index)])
    }
  }

  /// A masking node's word for a field of a change; nil where there is none.
  func maskProof(of dot: Dot, _ field: FieldID) -> MaskProof? {
    proofs[dot].flatMap { batches[$0.batch].maskProof(of: dot.index, field) }
  }

  /// A change in exactly these fields; nil when one of them is not shown.
  func change(_ dot: Dot, _ fields: FieldSet) -> Change? {
    guard let proof = proofs[dot] else { return nil }
    let shown = proof.change.fields
    if shown == fields { return proof.change }
    guard fields.isSubset(of: shown) else { return nil }
    var change = proof.change
    change.writes.removeAll { !fields.contains($0.field) }
    return change
  }

  /// The siblings that a payload names; nil when one of them is not shown, or belongs to another record.
  func registers(_ payload: [FieldDots], of ref: RecordRef, side: Side) -> [FieldRegister]? {
    var result: [FieldRegister] = []
    result.reserveCapacity(payload.count)
    for entry in payload {
      var siblings: [Sibling] = []
      siblings.reserveCapacity(entry.dots.count)
      for dot in entry.dots {
        guard let change = proofs[dot]?.change, change.ref == ref,
          let write = change.writes.first(where: { $0.field == entry.field })
        else { return nil }
        siblings.append(Sibling(write, of: change, side: side))
      }
      result.append(FieldRegister(entry.field, Register(siblings)))
    }
    return result
  }
}
