package import ReplicationCore

extension CompiledPolicy {
  /// Whether only verified data of a ledger passes on some link.
  package func hasGate(_ ledger: LedgerID) -> Bool { gate(of: ledger) != nil }

  /// The nodes that may verify a field of a record with these homes: those above each home, from the village up, each with its departments.
  package func verifiers(
    of field: FieldID, in ledger: LedgerID, homes: [Home]
  ) -> [NodeID] {
    let tree = AdministrativeTree(tiers: document.tiers)
    let slugs = Set(document.rules.lazy.flatMap(\.subjects).compactMap(\.department)).sorted()
    var found: [NodeID] = []
    for home in homes {
      guard let start = NodeID(code: home.code, slug: "") else { continue }
      for above in tree.ascent(from: start) {
        let nodes = [above] + slugs.compactMap { NodeID(code: above.code, slug: $0) }
        for node in nodes where !found.contains(node) {
          let rights = scope(of: node, in: ledger)?.rights(homes: homes)
          if rights?.verify.contains(field) == true { found.append(node) }
        }
      }
    }
    return found
  }
}
