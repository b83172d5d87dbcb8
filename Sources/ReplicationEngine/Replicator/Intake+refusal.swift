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
  /// Ranks and views are checked at every hop; whether the author may write it and whether it can have seen its bases, only at the first.
  func refusal(
    of change: Change, isPayload: Bool, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    if let refusal = commonRefusal(of: change) { return refusal }
    guard change.dot.replica.node == delivery.peer, delivery.peer != replicator.parent else {
      return nil
    }
    let record = desk.records[change.ref] ?? Record()
    if !isPayload, let refusal = try forgedBase(in: change, record, tx) { return refusal }
    return try outsideScope(change, record, isPayload: isPayload, tx)
  }

  /// The siblings of a state that may take effect; the others are quarantined.
  mutating func acceptable(_ siblings: [FieldDots], of ref: RecordRef) throws -> [FieldDots] {
    var refused: [Dot: Refusal] = [:]
    for entry in siblings {
      for dot in entry.dots where refused[dot] == nil {
        guard let change = delivery.pool[dot]?.change, change.ref == ref else {
          throw ParcelError(.missingEvidence, "\(dot) of \(ref) came without its proof")
        }
        var shown = change
        shown.writes.removeAll { $0.field != entry.field }
        if let refusal = commonRefusal(of: shown) { refused[dot] = refusal }
      }
    }
    if refused.isEmpty { return siblings }
    for (dot, refusal) in refused.sorted(by: { $0.key < $1.key }) {
      quarantine(ref, dot, refusal)
    }
    return siblings.compactMap { entry in
      let dots = entry.dots.filter { refused[$0] == nil }
      return dots.isEmpty ? nil : FieldDots(entry.field, dots)
    }
  }

  /// What is checked of every value, from whichever peer.
  private func commonRefusal(of change: Change) -> Refusal? {
    let ref = change.ref
    let author = change.dot.replica.node
    let policy = policy(of: change.dot)
    for write in change.writes where write.field != .verified {
      let rank =
        write.field == .alive ? 0 : policy.rank(of: author, field: write.field, in: ref.ledger)
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

  private func policy(of dot: Dot) -> any SharingPolicy {
    guard let epoch = delivery.pool[dot]?.policyEpoch, epoch != replicator.policy.epoch else {
      return replicator.policy
    }
    return replicator.policies.policy(epoch) ?? replicator.policy
  }

  /// A base that names a dot of which there is no evidence would silence a field for ever.
  ///
  /// Of replicas below the peer everything comes through the peer, in parts that its view leaves out: there its word is taken,
  /// and the replica itself refuses what it never wrote (`commonRefusal`).
  private func forgedBase(
    in change: Change, _ record: Record, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    for write in change.writes {
      for entry in write.base.entries where entry.replica != change.dot.replica {
        let dot = Dot(entry.replica, entry.index)
        if delivery.peer.code.contains(entry.replica.node.code) { continue }
        if record.registers.contains(where: { $0.register.covers(dot) }) { continue }
        if try tx.headerEvidence(entry.replica) >= entry.index { continue }
        return Refusal(
          code: "forged_base",
          detail: "\(change.dot) of \(change.ref) claims in field \(write.field) to have seen "
            + "\(dot), of which there is no evidence here")
      }
    }
    return nil
  }

  private func outsideScope(
    _ change: Change, _ record: Record, isPayload: Bool, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    if isRestore(change, of: record) { return nil }
    let routingFields = replicator.policy.routingFields(of: change.ref.ledger)
    let isKnown = desk.records[change.ref] != nil
    let before: Routing =
      isPayload
      ? .homes([delivery.peer.code])
      : (isKnown ? record.routing(by: routingFields) : .neverKnown)
    let judge = policy(of: change.dot)
    let author = change.dot.replica.node
    func violation(_ before: Routing) -> String? {
      judge.violation(
        by: author, in: change.ref.ledger, fields: change.fields, before: before,
        after: before.applying(change, routingFields))
    }
    guard let reason = violation(before) else { return nil }
    // The author may have written before it heard of a move that this node sent it.
    let entries = try tx.entries(
      of: [change.ref], in: delivery.lane, from: delivery.acknowledged)
    for (_, entry) in entries {
      if let earlier = entry.routingBefore, violation(earlier) == nil { return nil }
    }
    return Refusal(
      code: "outside_scope", detail: "\(change.dot) of \(change.ref) by \(author): \(reason)",
      isAnswered: true)
  }

  /// Whether a change puts back what stood before: it brings nothing that is not held here.
  private func isRestore(_ change: Change, of record: Record) -> Bool {
    guard case .restore(let dots) = change.cause, !dots.isEmpty else { return false }
    return change.writes.allSatisfy { write in
      write.field == .alive
        || record[write.field].siblings.contains { $0.value == write.value }
    }
  }
}

extension Routing {
  /// The routing with a change's own routing values put in their places.
  fileprivate func applying(_ change: Change, _ fields: [FieldID]) -> Routing {
    var codes = codes
    for (i, field) in fields.enumerated() {
      guard let write = change.writes.first(where: { $0.field == field }) else { continue }
      guard let code = write.value.divisionCode else { continue }
      if i < codes.count { codes[i] = code } else { codes.append(code) }
    }
    return .homes(codes)
  }
}

extension Entry {
  fileprivate var routingBefore: Routing? {
    switch self {
    case .change(_, _, _, let before, _, _), .state(_, _, let before, _, _),
      .withdrawn(_, _, _, let before, _, _):
      before
    case .policy, .withdrawTo, .answer, .relay, .relayState: nil
    }
  }
}
