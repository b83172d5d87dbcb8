package import ReplicationCore

/// A policy as nodes apply it that cannot mask: a field that a node is to see masked for any home it does not see at all.
///
/// Whatever else the policy says holds. Of such a field nothing leaves, so the rule gives less than it could and never more.
package struct WithheldMasks: Sendable {
  package let policy: CompiledPolicy

  package init(_ policy: CompiledPolicy) { self.policy = policy }

  private func withheld(from node: NodeID, in ledger: LedgerID) -> FieldSet {
    policy.masks(of: node, in: ledger).fields
  }
}

extension WithheldMasks: ViewPolicy {
  package var epoch: UInt64 { policy.epoch }

  package func routingFields(of ledger: LedgerID) -> [FieldID] { policy.routingFields(of: ledger) }

  package func lane(of ledger: LedgerID) -> Lane { policy.lane(of: ledger) }

  package func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    policy.fields(of: node, in: ledger).subtracting(withheld(from: node, in: ledger))
  }

  package func fields(of node: NodeID, in ledger: LedgerID, homes: [Home]) -> FieldSet {
    policy.fields(of: node, in: ledger, homes: homes)
      .subtracting(withheld(from: node, in: ledger))
  }

  package func divisions(of node: NodeID, in ledger: LedgerID) -> [ClosedRange<DivisionCode>]? {
    policy.divisions(of: node, in: ledger)
  }

  package func viewBounds(of node: NodeID, in ledger: LedgerID) -> [DivisionCode]? {
    policy.viewBounds(of: node, in: ledger)
  }

  package func givesSame(
    as old: any ViewPolicy, to node: NodeID, in ledger: LedgerID, for home: Home
  ) -> Bool {
    guard let old = old as? WithheldMasks else { return false }
    return old.withheld(from: node, in: ledger) == withheld(from: node, in: ledger)
      && policy.givesSame(as: old.policy, to: node, in: ledger, for: home)
  }

  package func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool {
    policy.isGated(from: child, to: parent, in: ledger)
  }
}

extension WithheldMasks: AuthorityPolicy {
  package var olderUntil: Int64? { policy.olderUntil }

  package func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 {
    policy.rank(of: author, field: field, in: ledger)
  }

  package func ranks(of author: NodeID, in ledger: LedgerID) -> [UInt8] {
    policy.ranks(of: author, in: ledger)
  }

  package func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? {
    policy.violation(by: author, in: ledger, act: act, before: before, after: after)
  }
}
