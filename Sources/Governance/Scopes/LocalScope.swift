package import ReplicationCore

/// What one node may write of one ledger, for its own database to enforce.
package struct LocalScope: Sendable, Hashable {
  /// Fields that may be written for one division's homes.
  package struct Grant: Sendable, Hashable {
    /// The division, which contains all below it; nil for every home.
    package let home: DivisionCode?
    package let maintain: FieldSet
    /// The rule's name and its line in the policy.
    package let rule: String
    package let line: Int
  }

  /// Who maintains a field, for the hint of a refusal.
  package struct Maintainer: Sendable, Hashable {
    package let field: FieldID
    /// `WHO (rule R, line N)`, several parted by `;`.
    package let text: String
  }

  package let node: NodeID
  package let ledger: LedgerID
  /// A write is allowed where the grants that contain one of the record's homes allow all its fields together; a creation, where they do so for its `home`.
  package let grants: [Grant]
  /// Ascending by field; only fields that anybody maintains.
  package let maintainers: [Maintainer]
}

extension CompiledPolicy {
  /// What a node may write of a ledger. Nobody may write a ledger that the catalog does not have.
  package func localScope(of node: NodeID, in ledger: LedgerID) -> LocalScope {
    let grants = (scope(of: node, in: ledger)?.grants ?? []).filter { !$0.maintain.isEmpty }
    return LocalScope(
      node: node, ledger: ledger,
      grants: grants.map {
        let rule = document.rules[$0.rule]
        return LocalScope.Grant(
          home: $0.prefix.code, maintain: $0.maintain, rule: rule.name, line: rule.line)
      },
      maintainers: (catalog[ledger]?.fields ?? []).compactMap { field in
        maintainerText(of: field.id, in: ledger).map {
          LocalScope.Maintainer(field: field.id, text: $0)
        }
      })
  }
}
