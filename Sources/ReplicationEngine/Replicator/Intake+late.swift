import ReplicationCore

/// What comes under another policy epoch than this node's own: its sender has not heard yet of what this node gave up.
///
/// A node that loses a right prunes itself once, when it adopts; nobody would take from it what a child sends after that. So such
/// values are not held: they stay with who sent them, who sends them again, as state, should this node regain the right.
extension Intake {
  /// The fields of a ledger that this node may hold, to be enforced on what was made under another epoch; nil: nothing to enforce,
  /// for under the same epoch what is outside is the sender's fault and refused.
  private func ownFields(of ledger: LedgerID) -> FieldSet? {
    if delivery.policyEpoch == replicator.policy.epoch { return nil }
    return replicator.policy.fields(of: replicator.node, in: ledger)
  }

  /// The change as far as this node may hold it; nil when it may hold none of it.
  func holdable(_ change: Change) -> Change? {
    guard let own = ownFields(of: change.ref.ledger), !change.fields.isSubset(of: own) else {
      return change
    }
    var rest = change
    rest.writes.removeAll { !own.contains($0.field) }
    return rest.writes.isEmpty ? nil : rest
  }

  /// The values of a state that this node may hold.
  func holdable(_ siblings: [FieldDots], of ref: RecordRef) -> [FieldDots] {
    guard let own = ownFields(of: ref.ledger) else { return siblings }
    return siblings.filter { own.contains($0.field) }
  }

  /// What an entry of this node's own feed carried, as far as this node may still hold it.
  func holdable(_ carried: Unacknowledged, of ref: RecordRef) -> Unacknowledged {
    let own = replicator.policy.fields(of: replicator.node, in: ref.ledger)
    switch carried {
    case .writes(let writes): return .writes(writes.filter { own.contains($0.0) })
    case .registers(let registers): return .registers(registers.filter { own.contains($0.field) })
    }
  }
}
