package import ReplicationCore

extension CompiledPolicy {
  package func viewBounds(of node: NodeID, in ledger: LedgerID) -> [DivisionCode]? {
    let grants = scope(of: node, in: ledger)?.grants ?? []
    return Set(grants.map(\.prefix)).compactMap(\.codes).flatMap { codes in
      [codes.lowerBound, DivisionCode(number: codes.upperBound.number + 1)].compactMap(\.self)
    }
  }

  /// What several homes give is the sum of what each gives, before masks are taken off: so that is what must be the same.
  package func givesSame(
    as old: any ViewPolicy, to node: NodeID, in ledger: LedgerID, for home: Home
  ) -> Bool {
    guard let old = old as? CompiledPolicy else { return false }
    let rights = scope(of: node, in: ledger)?.rights(homes: [home]) ?? ScopeRights()
    let former = old.scope(of: node, in: ledger)?.rights(homes: [home]) ?? ScopeRights()
    return rights.read == former.read && rights.masks == former.masks
      && rights.unmask == former.unmask
  }
}
