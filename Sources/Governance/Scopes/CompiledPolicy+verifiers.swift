package import ReplicationCore

extension CompiledPolicy {
  /// Whether only verified data of a ledger passes on some link.
  package func hasGate(_ ledger: LedgerID) -> Bool { gate(of: ledger) != nil }

  /// The nodes that may verify a field of a record with these homes: those above each home, from the village up, each with its departments.
  package func verifiers(
    of field: FieldID, in ledger: LedgerID, homes: [Home]
  ) -> [NodeID] {
    holders(in: ledger, homes: homes) { $0.verify.contains(field) }
  }
}
