import ReplicationCore
import SignedFeed

/// The receiver's half of masking: what came must stand as this node's own view has it.
extension Intake {
  /// The masks under which this node sees a record as it stands here, by whichever way it comes.
  func ownMasks(of ref: RecordRef) -> FieldMasks {
    if replicator.policy.masks(of: replicator.node, in: ref.ledger).isEmpty { return FieldMasks() }
    return demanded(of: ref.ledger, homes(of: ref))
  }

  /// From below homes do not count: there the strictest mask is demanded, which holds for any of them.
  private func demanded(of ledger: LedgerID, _ homes: [Home]) -> FieldMasks {
    let isFromBelow = delivery.peer != replicator.parent && delivery.peer != replicator.node
    return isFromBelow
      ? replicator.policy.masks(of: replicator.node, in: ledger)
      : replicator.ownMasks(of: ledger, homes: homes)
  }

  private func homes(of ref: RecordRef) -> [Home] {
    desk.record(ref)?.routing(by: replicator.policy.routingFields(of: ref.ledger)).homes ?? []
  }

  /// Why a change, masked as it is or not, must not take effect: the peer's fault, by the policy that both ends have.
  func maskRefusal(of change: Change, isPayload: Bool) -> Refusal? {
    let any = replicator.policy.masks(of: replicator.node, in: change.ref.ledger)
    if any.isEmpty, !change.writes.contains(where: \.value.isMasked) { return nil }
    if let refusal = forgedMask(in: change) { return refusal }
    guard delivery.policyEpoch == replicator.policy.epoch else { return nil }
    let routing = replicator.policy.routingFields(of: change.ref.ledger)
    let record = desk.record(change.ref) ?? Record()
    let before = record.routing(by: routing)
    let demands = [before, before.applying(change, routing)].map {
      demanded(of: change.ref.ledger, $0.homes)
    }
    // A peer that has not heard of a move made here masks by where the record was.
    let isCertain =
      !isPayload
      && record.registers.allSatisfy { entry in
        !routing.contains(entry.field)
          || entry.register.siblings.allSatisfy { $0.side == .link(delivery.peer) }
      }
    for write in change.writes {
      let wanted = demands.map { $0[write.field] }
      if case .masked(let value) = write.value {
        let isLoose = any[write.field].map { value.mask <= $0 } ?? false
        if !isLoose, !wanted.contains(value.mask) { return unasked(change, write.field) }
      } else if delivery.peer != replicator.parent || isCertain, wanted.allSatisfy({ $0 != nil }) {
        return leak(change, demands[0].fields.union(demands[1].fields))
      }
    }
    return nil
  }

  /// The writes of a change without those that show more than may be held: the peer projected under another policy than this
  /// node's, or has not heard of a move, and sends them masked when it has.
  func seen(_ change: Change) -> [FieldWrite] {
    let masks = ownMasks(of: change.ref)
    if masks.isEmpty { return change.writes }
    return change.writes.filter { $0.value.isHidden(by: masks[$0.field]) }
  }

  /// The values of a state that may be held as they came, and what must not take effect.
  func masksJudged(
    _ siblings: [FieldDots], of ref: RecordRef
  ) throws -> (seen: [FieldDots], leaks: [(Change, Refusal)]) {
    let any = replicator.policy.masks(of: replicator.node, in: ref.ledger)
    if any.isEmpty, !delivery.pool.hasMasks { return (siblings, []) }
    let told = senderHomes(siblings, ref)
    let demand = demanded(of: ref.ledger, told ?? homes(of: ref))
    let isJudged = delivery.policyEpoch == replicator.policy.epoch
    var leaks: [Dot: (Change, Refusal)] = [:]
    let seen = siblings.compactMap { entry -> FieldDots? in
      let dots = entry.dots.filter { dot in
        guard let change = delivery.pool.change(dot, [entry.field]), change.ref == ref,
          let write = change.writes.first
        else { return true }
        var refusal = forgedMask(in: change)
        if refusal == nil, isJudged {
          if case .masked(let value) = write.value {
            let isLoose = told == nil && any[entry.field].map { value.mask <= $0 } ?? false
            if !isLoose, demand[entry.field] != value.mask {
              refusal = unasked(change, entry.field)
            }
          } else if demand[entry.field] != nil,
            told != nil || delivery.peer != replicator.parent
          {
            refusal = leak(change, demand.fields)
          }
        }
        if let refusal {
          leaks[dot] = (change, refusal)
          return false
        }
        return write.value.isHidden(by: demand[entry.field])
      }
      return dots.isEmpty ? nil : FieldDots(entry.field, dots)
    }
    return (seen, leaks.values.sorted { $0.0.dot < $1.0.dot })
  }

  /// The homes by which the sender of a state has judged its view, when the state tells them.
  private func senderHomes(_ siblings: [FieldDots], _ ref: RecordRef) -> [Home]? {
    let routing = replicator.policy.routingFields(of: ref.ledger)
    let side = Side.link(delivery.peer)
    let told = siblings.filter { routing.contains($0.field) }
    guard let registers = delivery.pool.registers(told, of: ref, side: side) else { return nil }
    var record = Record()
    record.registers = registers
    let homes = record.routing(by: routing).homes
    return homes.isEmpty ? nil : homes
  }

  /// The masks of a state of the parent's: what is held of these fields under a weaker one, or under none, it takes back.
  func masks(told registers: [FieldRegister], of ref: RecordRef) -> FieldMasks {
    var result = FieldMasks()
    if delivery.peer != replicator.parent { return result }
    if !replicator.policy.masks(of: replicator.node, in: ref.ledger).isEmpty {
      var record = Record()
      record.registers = registers
      let told = record.routing(by: replicator.policy.routingFields(of: ref.ledger)).homes
      result = demanded(of: ref.ledger, told.isEmpty ? homes(of: ref) : told)
    }
    for entry in registers {
      for case .masked(let value) in entry.register.siblings.lazy.map(\.value) {
        result[entry.field] = max(result[entry.field] ?? value.mask, value.mask)
      }
    }
    return result
  }

  /// Whether a masked value was masked by who may not see it, or for another receiver.
  private func forgedMask(in change: Change) -> Refusal? {
    for write in change.writes where write.value.isMasked {
      guard let proof = delivery.pool.maskProof(of: change.dot, write.field) else { continue }
      if let receiver = proof.receiver, receiver != replicator.node {
        return Refusal(
          code: "foreign_pseudonym",
          detail: "\(change.dot) of \(change.ref): \(delivery.peer) passed on a pseudonym of field "
            + "\(write.field) that \(proof.masker) made for \(receiver)")
      }
      if proof.masker == change.dot.replica.node || mayMask(proof, change, write.field) { continue }
      return Refusal(
        code: "false_masker",
        detail: "\(change.dot) of \(change.ref): field \(write.field) was masked by "
          + "\(proof.masker), which may not see it unmasked; check who has its key")
    }
    return nil
  }

  /// Under the current policy, or the one that the value was written under: a relay may have lost the right since.
  private func mayMask(_ proof: MaskProof, _ change: Change, _ field: FieldID) -> Bool {
    let ledger = change.ref.ledger
    let homes = homes(of: change.ref)
    return [replicator.policy, policy(of: change.dot)].contains { policy in
      guard policy.fields(of: proof.masker, in: ledger).contains(field) else { return false }
      let any = policy.masks(of: proof.masker, in: ledger)
      guard let mask = any[field] else { return true }
      if proof.value.mask.canFollow(mask) { return true }
      return !homes.isEmpty
        && policy.masks(of: proof.masker, in: ledger, homes: homes)[field] == nil
    }
  }

  private func unasked(_ change: Change, _ field: FieldID) -> Refusal {
    Refusal(
      code: "unasked_mask",
      detail:
        "\(delivery.peer) sent field \(field) of \(change.ref), \(change.dot), under a mask that "
        + "the policy does not demand of \(replicator.node); check that both have the same policy")
  }

  private func leak(_ change: Change, _ fields: FieldSet) -> Refusal {
    Refusal(
      code: "unmasked_value",
      detail:
        "\(delivery.peer) sent fields \(fields.intersection(change.fields)) of \(change.ref), "
        + "\(change.dot), unmasked, which \(replicator.node) may see only masked: nothing of it was "
        + "kept; look at that node")
  }
}

extension Unacknowledged {
  /// Without the values that show more than these masks leave.
  func closing(_ masks: FieldMasks) -> Unacknowledged {
    switch self {
    case .writes(let writes):
      .writes(writes.filter { $0.1.value.isHidden(by: masks[$0.0]) })
    case .registers(let registers):
      .registers(
        registers.compactMap { entry in
          let mask = masks[entry.field]
          let hidden = entry.register.siblings.filter { $0.value.isHidden(by: mask) }
          return hidden.isEmpty ? nil : FieldRegister(entry.field, Register(hidden))
        })
    }
  }
}
