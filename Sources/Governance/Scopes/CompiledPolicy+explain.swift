package import ReplicationCore

/// Why a node may or may not see and write a field.
package struct FieldExplanation: Sendable, Hashable {
  package let field: FieldID
  package let name: String
  /// Whether it may be read, for at least one home.
  package let read: Bool
  /// Whether it may be written, for at least one home.
  package let maintain: Bool
  /// The mask's name; nil: shown as it is.
  package let mask: String?
  /// The rules that decide, as `NAME (line N)` parted by commas; nil when none gives the field.
  package let rule: String?
  /// For which homes: `own`, `all` or codes, in the order of the rules; empty when none.
  package let homes: [String]
}

extension CompiledPolicy {
  /// Every declared field of a ledger, ascending by id, as a policy gives it to a node. Empty when the catalog has no such ledger.
  ///
  /// With `homes`, only what holds for a record with these homes.
  package func explain(
    _ node: NodeID, _ ledger: LedgerID, homes: [Home]? = nil
  ) -> [FieldExplanation] {
    guard let declared = catalog[ledger], let scope = scope(of: node, in: ledger) else { return [] }
    let grants = scope.grants.filter { grant in
      homes?.contains { grant.prefix.contains($0.code) } ?? true
    }
    return declared.fields.map { field in
      let giving = grants.filter { $0.read.contains(field.id) }
      var rules: [ScopeRule] = []
      for grant in giving where !rules.contains(document.rules[grant.rule]) {
        rules.append(document.rules[grant.rule])
      }
      return FieldExplanation(
        field: field.id, name: field.name, read: !giving.isEmpty,
        maintain: giving.contains { $0.maintain.contains(field.id) }, mask: nil,
        rule: rules.isEmpty ? nil : rules.map(\.label).joined(separator: ", "),
        homes: rules.map(\.homes.description))
    }
  }

  /// The subjects that count as authorities of a field, highest first; empty when there are none.
  package func authorities(of field: FieldID, in ledger: LedgerID) -> [ScopeSubject] {
    document.authorities.first { $0.ledger == ledger && $0.field == field }?.subjects ?? []
  }
}
