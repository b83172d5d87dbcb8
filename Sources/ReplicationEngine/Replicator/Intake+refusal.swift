import ReplicationCore
import SignedFeed

/// Why a change is not taken.
struct Refusal {
  let code: String
  let detail: String
  /// It is answered by a change of this node that puts back what stood before.
  var isAnswered = false
}

extension Intake {
  /// Judges a change by the policy that its author wrote under; nil when it may take effect.
  ///
  /// Ranks, views and whether the author maintains the fields for any home are checked at every hop;
  /// whether it does for this record, and whether it can have seen its bases, only at the first.
  mutating func refusal(
    of change: Change, isPayload: Bool, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    if let refusal = try commonRefusal(of: change, tx) { return refusal }
    guard isFirstHop(of: change) else {
      return neverMaintained(change) ?? (isPayload ? nil : foreignHome(change))
    }
    let record = desk.record(change.ref) ?? Record()
    if !isPayload, let refusal = try forgedBase(in: change, record, tx) { return refusal }
    return try outsideScope(change, record, isPayload: isPayload, tx)
  }

  /// The siblings of a state without those that may not take effect, and the refusals of these.
  ///
  /// The rest of the state stands: who relays one bad value must not lose the good ones beside it.
  /// What the record's contexts cover already is not judged again.
  mutating func judge(
    state siblings: [FieldDots], of ref: RecordRef, _ tx: any StoreTransaction
  ) throws -> (accepted: [FieldDots], refused: [(Change, Refusal)]) {
    let record = desk.record(ref) ?? Record()
    var refused: [(Change, Refusal)] = []
    for (dot, fields) in try unseen(siblings, of: ref, record) {
      guard let change = delivery.pool.change(dot, fields) else {
        throw ParcelError(.missingEvidence, "\(dot) of \(ref) came without its proof")
      }
      if let refusal = try refusal(ofStated: change, record, tx) {
        refused.append((change, refusal))
      }
    }
    let gone = Set(refused.map(\.0.dot))
    return (gone.isEmpty ? siblings : siblings.without { gone.contains($0) }, refused)
  }

  /// The changes that a state shows, each with its fields, as far as their dots are new to the record.
  private func unseen(
    _ siblings: [FieldDots], of ref: RecordRef, _ record: Record
  ) throws -> [(Dot, FieldSet)] {
    var shown: [(dot: Dot, fields: FieldSet)] = []
    for entry in siblings {
      let register = record[entry.field]
      for dot in entry.dots where !register.covers(dot) {
        guard delivery.pool[dot]?.change.ref == ref else {
          throw ParcelError(.missingEvidence, "\(dot) of \(ref) came without its proof")
        }
        if let at = shown.firstIndex(where: { $0.dot == dot }) {
          shown[at].fields.insert(entry.field)
        } else {
          shown.append((dot, FieldSet([entry.field])))
        }
      }
    }
    return shown.map { ($0.dot, $0.fields) }
  }

  /// A state tells how a record came to stand, not where it belonged when each value was written: so the author must maintain the fields for some home.
  /// A first claim of a home names its home itself and is judged as the creation that it is.
  private mutating func refusal(
    ofStated change: Change, _ record: Record, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    if let refusal = try commonRefusal(of: change, tx) { return refusal }
    let isFirst = isFirstHop(of: change)
    if isFirst {
      if let refusal = try forgedBase(in: change, record, tx) { return refusal }
      if isRestore(change, of: record) { return nil }
    }
    guard var refusal = neverMaintained(change, trustsRestore: !isFirst) ?? foreignHome(change)
    else { return nil }
    refusal.isAnswered = isFirst
    return refusal
  }

  /// The first hop: the change came over the link of the child that wrote it.
  func isFirstHop(of change: Change) -> Bool {
    let author = change.dot.replica.node
    // What this node takes in itself (a hand-over) is no hop.
    return author == delivery.peer && author != replicator.parent && author != replicator.node
  }

  /// What is checked of every value, from whichever peer.
  private func commonRefusal(
    of change: Change, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    if let refusal = try unholdable(change, tx) { return refusal }
    let ref = change.ref
    let author = change.dot.replica.node
    let policy = policy(of: change.dot)
    let ranks = policy.ranks(of: author, in: ref.ledger)
    if let refusal = othersWord(change) { return refusal }
    for write in change.writes where write.field != .verified {
      let rank = write.field == .alive ? 0 : ranks[Int(write.field.number)]
      if write.rank != rank {
        return Refusal(
          code: "wrong_rank",
          detail: "\(change.dot) of \(ref) claims rank \(write.rank) for field \(write.field), "
            + "the policy gives \(author) rank \(rank)")
      }
    }
    for write in change.writes where write.base[desk.own] >= desk.chain.nextIndex {
      return Refusal(
        code: "forged_base",
        detail: "\(change.dot) of \(ref) claims in field \(write.field) to have seen change "
          + "\(write.base[desk.own]) of \(desk.own), which was never made")
    }
    if delivery.policyEpoch == replicator.policy.epoch {
      let own = replicator.policy.fields(of: replicator.node, in: ref.ledger)
      let outside = change.fields.subtracting(own)
      if !outside.isEmpty {
        return Refusal(
          code: "outside_view",
          detail: "\(delivery.peer) sent fields \(outside) of \(ref), which "
            + "\(replicator.node) may not hold; check the policy epoch of both nodes")
      }
    }
    return nil
  }

  /// A verification speaks for its author alone: it says of some value that it is right, and takes back nobody else's word.
  private func othersWord(_ change: Change) -> Refusal? {
    guard case .write = change.cause,
      let write = change.writes.first(where: { $0.field == .verified })
    else { return nil }
    if case .verified(let entries) = write.value, !entries.isEmpty, write.rank == 0,
      write.base.entries.allSatisfy({ $0.replica == change.dot.replica })
    {
      return nil
    }
    return Refusal(
      code: "forged_verification",
      detail: "\(change.dot) of \(change.ref) verifies nothing, or takes back what others verified")
  }

  /// The policy that a change is judged by: that of the epoch that its author signed it under, or the newest one whose end for older epochs
  /// the change's time lies at or after.
  func policy(of dot: Dot) -> any SharingPolicy {
    guard let proof = delivery.pool[dot], proof.policyEpoch < replicator.policy.epoch else {
      return replicator.policy
    }
    let policies = replicator.policies
    for epoch in policies.epochs(after: proof.policyEpoch).reversed()
    where epoch <= replicator.policy.epoch {
      if let policy = policies.policy(epoch), let end = policy.olderUntil, proof.change.time >= end
      {
        return policy
      }
    }
    return policies.policy(proof.policyEpoch) ?? replicator.policy
  }
}

extension [FieldDots] {
  /// The same without some dots; fields of which none is left are left out.
  func without(_ isGone: (Dot) -> Bool) -> [FieldDots] {
    compactMap { entry in
      let dots = entry.dots.filter { !isGone($0) }
      return dots.isEmpty ? nil : FieldDots(entry.field, dots)
    }
  }
}
