package import ReplicationCore

/// What one node may write of one ledger, for its own database to enforce.
package struct LocalScope: Sendable, Hashable {
  /// What one rule allows for one division's homes.
  package struct Grant: Sendable, Hashable {
    /// The homes: a division and all below it, one code alone, or everywhere.
    package let homes: HomePrefix
    /// The home columns that count.
    package let by: FieldSet
    package let maintain: FieldSet
    /// Fields in which it may be decided between values that stand; what is maintained may be decided anyway.
    package let resolve: FieldSet
    /// Fields whose values may be vouched for.
    package let verify: FieldSet
    package let creates: Bool
    package let deletes: Bool
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
  /// A write is allowed where the grants that hold for one of the record's homes allow all that it does together; a creation, where they do so for its `home`.
  package let grants: [Grant]
  /// Ascending by field; only fields that anybody maintains.
  package let maintainers: [Maintainer]
}

extension CompiledPolicy {
  /// What a node may write of a ledger. Nobody may write a ledger that the catalog does not have.
  package func localScope(of node: NodeID, in ledger: LedgerID) -> LocalScope {
    let all = catalog[ledger]?.homeSet ?? []
    return LocalScope(
      node: node, ledger: ledger,
      grants: (scope(of: node, in: ledger)?.grants ?? []).filter(\.rights.isActive).map {
        let rule = document.rules[$0.rule]
        return LocalScope.Grant(
          homes: $0.prefix, by: $0.by ?? all, maintain: $0.rights.maintain,
          resolve: $0.rights.resolve, verify: $0.rights.verify, creates: $0.rights.creates,
          deletes: $0.rights.deletes, rule: rule.name, line: rule.line)
      },
      maintainers: (catalog[ledger]?.fields ?? []).compactMap { field in
        maintainerText(of: field.id, in: ledger).map {
          LocalScope.Maintainer(field: field.id, text: $0)
        }
      })
  }
}

extension ScopeRights {
  /// Whether they let anything be done, beyond reading.
  fileprivate var isActive: Bool {
    !maintain.isEmpty || !resolve.isEmpty || !verify.isEmpty || creates || deletes
  }
}
