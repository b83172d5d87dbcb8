/// What a policy that is planned would change, record by record; a pure function. `policy` is the one in force.
extension Projector {
  /// What the peer gains and, downwards, loses of a record by another policy; nil when nothing changes for it.
  ///
  /// Upwards nothing is counted as lost: who loses a right gives up by itself what it holds, and counts that itself.
  package func change(
    under candidate: any ViewPolicy, _ record: Record, _ ledger: Ledger
  ) -> (homes: [Home], tally: PlanTally)? {
    guard record.isHeld, !record.isDeleted else { return nil }
    let routing = record.routing(by: ledger.routing)
    let before = view(routing, ledger)
    let after = view(routing, ledger.id, under: candidate)
    let willBeGated = isUp && candidate.isGated(from: node, to: peer, in: ledger.id)
    let masks =
      isUp
      ? policy.masks(of: peer, in: ledger.id)
      : policy.masks(of: peer, in: ledger.id, homes: routing.homes)
    let newMasks =
      isUp
      ? candidate.masks(of: peer, in: ledger.id)
      : candidate.masks(of: peer, in: ledger.id, homes: routing.homes)
    if before == after, willBeGated == ledger.isGated, masks == newMasks { return nil }
    // What this node itself loses it can give to nobody.
    let kept = candidate.fields(of: node, in: ledger.id)
    var tally = PlanTally()
    if before.isEmpty, !after.intersection(kept).isEmpty { tally.gained = 1 }
    if !before.isEmpty, after.isEmpty, !isUp { tally.lost = 1 }
    var state: UInt64 = 0
    for entry in record.registers where !FieldSet.existence.contains(entry.field) {
      let field = entry.field
      let had = before.contains(field) ? passing(entry, of: record, ledger, ledger.isGated) : nil
      let has =
        after.contains(field) && kept.contains(field)
        ? passing(entry, of: record, ledger, willBeGated) : nil
      let bytes =
        has?.siblings.reduce(0) { $0 + $1.value.estimatedBytes + PlanTally.valueBytes } ?? 0
      state += bytes
      var counts = PlanTally.Counts()
      switch (had?.isShown ?? false, has?.isShown ?? false) {
      case (false, true):
        counts.gained = 1
        counts.bytes = bytes
        counts.verified = isVerified(has, of: field, in: record) ? 1 : 0
      case (true, false) where !isUp && !after.contains(field): counts.lost = 1
      case (true, true) where masks[field] != newMasks[field]: counts.remasked = 1
      default: break
      }
      if !counts.isEmpty { tally.fields[field] = counts }
    }
    if tally.fields.isEmpty, tally.gained == 0, tally.lost == 0 { return nil }
    let isTold = tally.gained > 0 || tally.fields.values.contains { $0.gained + $0.remasked > 0 }
    if isTold { tally.bytes += PlanTally.stateBytes + state }
    if tally.lost > 0 || tally.fields.values.contains(where: { $0.lost > 0 }) {
      tally.bytes += PlanTally.withdrawalBytes
    }
    return (routing.homes, tally)
  }

  /// Whether a person has vouched for all values of a register.
  private func isVerified(_ register: Register?, of field: FieldID, in record: Record) -> Bool {
    guard record[.verified].isHeld, let register else { return false }
    let words = record.verifications
    return register.siblings.allSatisfy { words[FieldDot(field, $0.dot)] != nil }
  }

  /// The register of a field that may pass; behind a gate the released one.
  private func passing(
    _ entry: FieldRegister, of record: Record, _ ledger: Ledger, _ isGated: Bool
  ) -> Register? {
    if !isGated || ledger.ungated.contains(entry.field) { return entry.register }
    // What the peer itself has sent no gate keeps from it.
    if entry.register.siblings.allSatisfy({ $0.side == .link(peer) }) { return entry.register }
    return record.releasedRegister(of: entry.field)
  }
}

extension Register {
  /// Whether a table shows a value of it.
  fileprivate var isShown: Bool { shown().map { $0.value.unwrapped != .null } ?? false }
}

/// What a node gives up by itself under a policy that is planned: what it may hold of no record any more.
package struct OwnLoss: Sendable {
  package let node: NodeID
  /// Nil at the region.
  package let parent: NodeID?
  /// The policy in force.
  package let policy: any ViewPolicy

  package init(node: NodeID, parent: NodeID?, policy: any ViewPolicy) {
    self.node = node
    self.parent = parent
    self.policy = policy
  }

  /// What goes of a record, by the link over which it came; empty when nothing goes.
  ///
  /// What the parent holds too is not counted: the parent withdraws it, and counts it.
  package func loss(
    under candidate: any ViewPolicy, _ record: Record, in ledger: LedgerID
  ) -> (homes: [Home], tallies: [NodeID: PlanTally]) {
    guard record.isHeld, !record.isDeleted else { return ([], [:]) }
    let before = policy.fields(of: node, in: ledger)
    let after = candidate.fields(of: node, in: ledger)
    let routing = policy.routingFields(of: ledger)
    let gone = before.subtracting(after)
    let homes = record.routing(by: routing).homes
    var tallies: [NodeID: PlanTally] = [:]
    for entry in record.registers where gone.contains(entry.field) {
      guard let shown = entry.register.shown(isRouting: routing.contains(entry.field)),
        !isAbove(entry, of: record, ledger, routing)
      else { continue }
      var tally = PlanTally()
      if entry.field == .alive {
        tally.lost = 1
      } else if entry.field != .verified, shown.value.unwrapped != .null {
        tally.fields[entry.field, default: .init()].lost = 1
      }
      if !tally.isEmpty { tallies[sender(of: shown), default: PlanTally()].add(tally) }
    }
    return (homes, tallies)
  }

  /// Whether the parent holds the field of this record.
  private func isAbove(
    _ entry: FieldRegister, of record: Record, _ ledger: LedgerID, _ routing: [FieldID]
  ) -> Bool {
    guard let parent, policy.fields(of: parent, in: ledger).contains(entry.field) else {
      return false
    }
    guard policy.isGated(from: node, to: parent, in: ledger),
      !FieldSet.existence.contains(entry.field), !routing.contains(entry.field)
    else { return true }
    return record.releasedRegister(of: entry.field) != nil
      || entry.register.siblings.allSatisfy { $0.side == .link(parent) }
  }

  private func sender(of shown: Sibling) -> NodeID {
    if case .link(let peer) = shown.side { peer } else { node }
  }
}
