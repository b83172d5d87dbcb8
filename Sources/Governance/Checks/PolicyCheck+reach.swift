import ReplicationCore

/// Rules that reach nobody, nothing, or nothing new.
extension PolicyCheck {
  /// Subjects that no node of the tree can be.
  func nobody() -> [Problem] {
    distinctRules.flatMap { rule in
      rule.subjects.compactMap { subject in
        reason(subject).map {
          problem(rule, "rule \"\(rule.name)\": \(subject) is nobody: \($0.0)", hint: $0.1)
        }
      }
    }
  }

  /// Why no node can be the subject, and what to do; nil when one can.
  private func reason(_ subject: ScopeSubject) -> (String, String)? {
    let region = policy.document.region
    if let within = subject.within, !region.contains(within) {
      return ("\(within) lies outside the region \(region)", "name a division of the region")
    }
    let tiers = policy.document.tiers
    guard let level = subject.tier?.level else { return nil }
    if !tiers.contains(level) {
      let known = tiers.map { Tier(level: $0).rawValue }.joined(separator: ", ")
      return (
        "there is no node at tier \(Tier(level: level).rawValue)",
        "this policy's tiers: \(known)"
      )
    }
    if let within = subject.within, within.level > level {
      return (
        "\(within) is a \(Tier(level: within.level).rawValue), below which there is no "
          + "\(Tier(level: level).rawValue)", "name a division of that tier or above"
      )
    }
    return nil
  }

  /// Homes that no record of the region can have.
  func outside() -> [Problem] {
    distinctRules.flatMap { rule -> [Problem] in
      guard case .codes(let codes) = rule.homes else { return [] }
      return codes.filter { !policy.document.region.contains($0) }.map {
        problem(
          rule, "rule \"\(rule.name)\": the homes \($0) lie outside the region",
          hint: "name divisions of \(policy.document.region)")
      }
    }
  }

  /// Rules without which every node has the same rights, from the last; of two that say the same the later is told.
  func redundant() -> [Problem] {
    policy.catalog.ledgers.flatMap { ledger -> [Problem] in
      let parties = parties(of: ledger)
      let candidates = policy.document.rules.indices.filter {
        policy.document.rules[$0].ledger == ledger.id
      }
      var dropped: Set<Int> = []
      for index in candidates.reversed()
      where parties.contains(where: { $0.scope.grants.contains { $0.rule == index } })
        && !parties.contains(where: { needs(index, $0.scope, ledger, without: dropped) })
      {
        dropped.insert(index)
      }
      return dropped.sorted().map { index in
        let rule = policy.document.rules[index]
        return problem(
          rule, "rule \"\(rule.name)\" gives nothing of ledger \(ledger.name) that others do not",
          hint: "take it out, or say what it is to give", .warning)
      }
    }
  }

  /// Whether a node's rights are others without a rule, among the rules that hold at least as long.
  private func needs(
    _ index: Int, _ scope: LedgerScope, _ ledger: Ledger, without dropped: Set<Int>
  ) -> Bool {
    guard scope.grants.contains(where: { $0.rule == index }) else { return false }
    let rules = policy.document.rules
    let last = rules[index].until
    let grants = scope.grants.filter { grant in
      if dropped.contains(grant.rule) { return false }
      guard let until = rules[grant.rule].until else { return true }
      return last.map { until >= $0 } ?? false
    }
    let others = grants.filter { $0.rule != index }
    let full = LedgerScope(grants: grants, columns: ledger.homes, ranks: [])
    let rest = LedgerScope(grants: others, columns: ledger.homes, ranks: [])
    for column in ledger.homes.indices {
      let a = full.tables[min(column, full.tables.count - 1)]
      let b = rest.tables[min(column, rest.tables.count - 1)]
      for entry in a.entries {
        let other = b.slot(around: entry.prefix).map { b.entries[$0] }
        if other?.sum != entry.sum { return true }
      }
    }
    return false
  }

  /// The document's rules, those over several ledgers once.
  var distinctRules: [ScopeRule] {
    var lines: Set<Int> = []
    return policy.document.rules.filter { lines.insert($0.line).inserted }
  }
}

extension HomeTable.Entry {
  /// The rights with the masks that remain.
  fileprivate var sum: ScopeRights {
    var sum = rights
    sum.masks = shown
    sum.unmask = []
    return sum
  }
}
