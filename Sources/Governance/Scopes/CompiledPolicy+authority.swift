package import ReplicationCore

extension CompiledPolicy: AuthorityPolicy {
  package func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 {
    scope(of: author, in: ledger)?.ranks[Int(field.number)] ?? 0
  }

  package func ranks(of author: NodeID, in ledger: LedgerID) -> [UInt8] {
    scope(of: author, in: ledger)?.ranks ?? [UInt8](repeating: 0, count: Int(FieldSet.limit))
  }

  /// A creation needs `create` and `maintain` of `home` for its `home`; any other act is judged at the homes before.
  /// Who maintains a home column may move a record, to whatever division.
  package func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? {
    guard let declared = catalog[ledger] else { return "there is no \(ledger) in the catalog" }
    guard let scope = scope(of: author, in: ledger) else { return nil }
    let home = declared.homes.first ?? .alive
    let rights: ScopeRights
    if let before, !before.homes.isEmpty {
      rights = scope.rights(homes: before.homes)
    } else if before != nil, let first = after.homes.first(where: { $0.column == 0 }) {
      rights = scope.rights(homes: [first])
      guard rights.creates, rights.maintain.contains(home) else {
        return creationRefused(by: author, in: declared, scope.any, home: home)
      }
    } else if before != nil, act.creates || act.deletes {
      return "a record of ledger \(declared.name) needs a division code in \"home\""
    } else {
      // No home is known here: what the author may do nowhere can be judged all the same.
      rights = scope.any
    }
    return refusal(of: act, by: author, in: declared, rights)
  }

  /// The first part of an act that rights do not allow, in words; nil when they allow all of it.
  private func refusal(
    of act: Act, by author: NodeID, in ledger: Ledger, _ rights: ScopeRights
  ) -> String? {
    if act.creates, !rights.creates {
      return "\(author) may not create this record: " + may("create", \.creates, in: ledger)
    }
    if act.deletes, !rights.deletes {
      return "\(author) may not delete this record: " + may("delete", \.deletes, in: ledger)
    }
    let allowed = rights.maintain.union(rights.resolve.intersection(act.resolved))
    if let field = act.written.subtracting(allowed).members.first {
      return "\(author) may not write this record: " + maintained(field, in: ledger)
    }
    if let field = act.verified.subtracting(rights.verify).members.first {
      return "\(author) may not verify this record: " + verified(field, in: ledger)
    }
    return nil
  }

  private func creationRefused(
    by author: NodeID, in ledger: Ledger, _ any: ScopeRights, home: FieldID
  ) -> String {
    guard any.creates else {
      return "\(author) may not create records of ledger \(ledger.name): "
        + may("create", \.creates, in: ledger)
    }
    return
      "\(author) may create records of ledger \(ledger.name) only with a home of its own scope: "
      + maintained(home, in: ledger)
  }

  /// `field F of ledger L is maintained by WHO (rule R, line N)`.
  private func maintained(_ field: FieldID, in ledger: Ledger) -> String {
    let name = "field \(ledger.name(of: field)) of ledger \(ledger.name)"
    return "\(name) is maintained by " + (maintainerText(of: field, in: ledger.id) ?? "nobody")
  }

  private func verified(_ field: FieldID, in ledger: Ledger) -> String {
    let text = holders(in: ledger.id) { $0.verify.contains(field) }
    return "field \(ledger.name(of: field)) of ledger \(ledger.name) is verified by "
      + (text ?? "nobody")
  }

  private func may(
    _ verb: String, _ right: KeyPath<ScopeRights, Bool>, in ledger: Ledger
  ) -> String {
    let text = holders(in: ledger.id) { $0[keyPath: right] } ?? "nobody"
    return "\(verb) in ledger \(ledger.name) is for \(text)"
  }

  /// Who maintains a field and by which rule; nil when nobody does.
  func maintainerText(of field: FieldID, in ledger: LedgerID) -> String? {
    holders(in: ledger) { $0.maintain.contains(field) }
  }

  /// Whom the rules give a right, `WHO (rule R, line N)`, several parted by `;`; nil when nobody has it.
  private func holders(in ledger: LedgerID, _ gives: (ScopeRights) -> Bool) -> String? {
    let rules = document.rules.filter { $0.ledger == ledger && gives($0.rights) }
    guard !rules.isEmpty else { return nil }
    return rules.map { rule in
      let who = rule.subjects.map(\.description).joined(separator: " or ")
      return "\(who) (rule \(rule.name), line \(rule.line))"
    }.joined(separator: "; ")
  }
}
