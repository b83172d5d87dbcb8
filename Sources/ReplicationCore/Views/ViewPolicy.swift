/// What the merge and view rules ask of a policy and a catalog; a pure function of one policy epoch.
package protocol ViewPolicy: Sendable {
  /// The policy's number; rises with each new one.
  var epoch: UInt64 { get }
  /// The home columns of a ledger, in its order: the first is `home`.
  func routingFields(of ledger: LedgerID) -> [FieldID]
  /// The lane that the ledger belongs to.
  func lane(of ledger: LedgerID) -> Lane
  /// All fields that a node may hold of a ledger's records for whatever home, existence and routing fields included; empty when it may hold none.
  func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet
  /// The fields that a node may hold of a record with these homes (not empty), existence and routing fields included; empty when none.
  func fields(of node: NodeID, in ledger: LedgerID, homes: [Home]) -> FieldSet
  /// The masks under which a node sees fields of whatever record: of each field the strictest that holds for any home that gives it. For views upwards, where homes do not count.
  func masks(of node: NodeID, in ledger: LedgerID) -> FieldMasks
  /// The masks under which a node sees fields of a record with these homes; only fields that it may hold.
  func masks(of node: NodeID, in ledger: LedgerID, homes: [Home]) -> FieldMasks
  /// Codes such that a node may hold nothing of a record none of whose homes is among them; nil: any home may give it something.
  func divisions(of node: NodeID, in ledger: LedgerID) -> [ClosedRange<DivisionCode>]?
  /// Codes at which what a node may hold begins to be another, in any order: between two of them one home gives it what the next does.
  /// Nil: it is not known.
  func viewBounds(of node: NodeID, in ledger: LedgerID) -> [DivisionCode]?
  /// Whether a home gives a node the same by this policy as by `old`, by itself and beside other homes of a record.
  func givesSame(
    as old: any ViewPolicy, to node: NodeID, in ledger: LedgerID, for home: Home
  ) -> Bool
  /// Whether only verified data may pass from one node to its parent for this ledger.
  func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool
}

extension ViewPolicy {
  package func masks(of node: NodeID, in ledger: LedgerID) -> FieldMasks { FieldMasks() }

  package func masks(
    of node: NodeID, in ledger: LedgerID, homes: [Home]
  ) -> FieldMasks { FieldMasks() }

  package func divisions(of node: NodeID, in ledger: LedgerID) -> [ClosedRange<DivisionCode>]? {
    nil
  }

  package func viewBounds(of node: NodeID, in ledger: LedgerID) -> [DivisionCode]? { nil }

  package func givesSame(
    as old: any ViewPolicy, to node: NodeID, in ledger: LedgerID, for home: Home
  ) -> Bool {
    let homes = [home]
    return old.fields(of: node, in: ledger, homes: homes)
      == fields(of: node, in: ledger, homes: homes)
      && old.masks(of: node, in: ledger, homes: homes)
        == masks(of: node, in: ledger, homes: homes)
  }
}
