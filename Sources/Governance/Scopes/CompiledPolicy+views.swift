package import ReplicationCore

extension CompiledPolicy: ViewPolicy {
  package var epoch: UInt64 { document.epoch }

  package func routingFields(of ledger: LedgerID) -> [FieldID] { catalog[ledger]?.homes ?? [] }

  package func lane(of ledger: LedgerID) -> Lane { catalog[ledger]?.lane ?? .bulk }

  package func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    scope(of: node, in: ledger)?.any.read ?? FieldSet()
  }

  package func fields(
    of node: NodeID, in ledger: LedgerID, homes: [Home]
  ) -> FieldSet {
    scope(of: node, in: ledger)?.read(homes: homes) ?? FieldSet()
  }

  package func masks(of node: NodeID, in ledger: LedgerID) -> FieldMasks {
    scope(of: node, in: ledger)?.any.masks ?? FieldMasks()
  }

  package func masks(
    of node: NodeID, in ledger: LedgerID, homes: [Home]
  ) -> FieldMasks {
    scope(of: node, in: ledger)?.masks(homes: homes) ?? FieldMasks()
  }

  package func divisions(of node: NodeID, in ledger: LedgerID) -> [ClosedRange<DivisionCode>]? {
    guard let scope = scope(of: node, in: ledger) else { return [] }
    let giving = scope.grants.filter { !$0.rights.read.isEmpty }
    let codes = Set(giving.map(\.prefix)).map(\.codes)
    return codes.contains { $0 == nil } ? nil : codes.compactMap(\.self)
  }

  package func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool {
    gate(of: ledger)?.loop.includes(parent: parent) ?? false
  }

  /// After how many days a verification of a ledger's values expires; nil: never.
  package func verificationDays(of ledger: LedgerID) -> Int? { gate(of: ledger)?.days }

  /// Before when changes signed under older epochs are still judged by those epochs, in microseconds since 1970 UTC; nil: always.
  package var olderUntil: Int64? { document.olderUntil }
}
