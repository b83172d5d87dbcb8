package import ReplicationCore

extension CompiledPolicy: AuthorityPolicy {
  package func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 {
    scope(of: author, in: ledger)?.ranks[Int(field.number)] ?? 0
  }

  package func ranks(of author: NodeID, in ledger: LedgerID) -> [UInt8] {
    scope(of: author, in: ledger)?.ranks ?? [UInt8](repeating: 0, count: Int(FieldSet.limit))
  }

  /// A creation needs a `home` that the author maintains `home` for; any other write needs every field, at the homes before.
  /// Who maintains `home` may create, delete and move a record, to whatever division.
  package func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? {
    guard let declared = catalog[ledger] else { return "there is no \(ledger) in the catalog" }
    guard let scope = scope(of: author, in: ledger) else { return nil }
    let home = declared.homes.first ?? .alive
    let allowed: FieldSet
    if let before, !before.homes.isEmpty {
      allowed = scope.maintain(homes: before.homes)
    } else if before != nil, let first = after.homes.first {
      allowed = scope.maintain(homes: [first])
      guard allowed.contains(home) else {
        return creationRefused(by: author, in: declared, home: home)
      }
    } else if before != nil, act.creates || act.deletes {
      return "a record of ledger \(declared.name) needs a division code in \"home\""
    } else {
      // No home is known here: what the author maintains nowhere can be judged all the same.
      allowed = scope.anyMaintain
    }
    if act.creates || act.deletes, !allowed.contains(home) {
      return
        "\(author) may not create or delete this record of ledger \(declared.name): "
        + maintained(home, in: declared)
    }
    if !act.verified.isEmpty { return "verification is not part of this policy" }
    guard let field = act.written.subtracting(allowed).members.first else { return nil }
    return "\(author) may not write this record: " + maintained(field, in: declared)
  }

  private func creationRefused(by author: NodeID, in ledger: Ledger, home: FieldID) -> String {
    guard let scope = scope(of: author, in: ledger.id), scope.anyMaintain.contains(home) else {
      return "\(author) may not create records of ledger \(ledger.name): "
        + maintained(home, in: ledger)
    }
    return
      "\(author) may create records of ledger \(ledger.name) only with a home of its own scope: "
      + maintained(home, in: ledger)
  }

  /// `field F of ledger L is maintained by WHO (rule R, line N)`.
  private func maintained(_ field: FieldID, in ledger: Ledger) -> String {
    let name = "field \(ledger.name(of: field)) of ledger \(ledger.name)"
    guard let text = maintainerText(of: field, in: ledger.id) else {
      return "\(name) is maintained by nobody"
    }
    return "\(name) is maintained by \(text)"
  }

  /// Who maintains a field and by which rule; nil when nobody does.
  func maintainerText(of field: FieldID, in ledger: LedgerID) -> String? {
    let rules = document.rules.filter { $0.ledger == ledger && $0.maintain.contains(field) }
    guard !rules.isEmpty else { return nil }
    return rules.map { rule in
      let who = rule.subjects.map(\.description).joined(separator: " or ")
      return "\(who) (rule \(rule.name), line \(rule.line))"
    }.joined(separator: "; ")
  }
}
