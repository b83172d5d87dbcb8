import ReplicationCore

/// What a policy owes those whom the data is about, and what its dates bring.
extension PolicyCheck {
  /// Rules that give sensitive fields and do not say what for.
  func purposeless() -> [Problem] {
    policy.document.rules.compactMap { rule in
      guard rule.purpose == nil, let ledger = policy.catalog[rule.ledger] else { return nil }
      let sensitive = ledger.fields.filter { field in
        field.isSensitive && rule.read.contains(field.id)
          && rule.rights.masks[field.id] != .suppressed
      }
      guard !sensitive.isEmpty else { return nil }
      return problem(
        rule,
        "rule \"\(rule.name)\" gives sensitive fields of ledger \(ledger.name) without a purpose: "
          + sensitive.map(\.name).joined(separator: ", "),
        hint: "add \"purpose:\" (用途) in words, and \"basis:\" (依据)", .warning)
    }
  }

  /// Rules that give nothing any more.
  func expired(in whole: ScopeDocument, asOf day: CalendarDay?) -> [Problem] {
    guard let day else { return [] }
    var lines: Set<Int> = []
    return whole.rules.filter { !$0.holds(on: day) && lines.insert($0.line).inserted }.map { rule in
      problem(
        rule,
        "rule \"\(rule.name)\" has expired: its last day was "
          + (rule.until?.description ?? ""),
        hint: "take it out, or name a later day in \"until\"", .warning)
    }
  }

  /// What will be wrong with a policy once rules have ended: such a policy is not signed, for nobody could end them.
  package static func onceEnded(_ policy: CompiledPolicy, file: String) -> [Problem] {
    PolicyCheck(policy: policy, file: file).later()
  }

  /// The most expiry days that are tried.
  private static let days = 16

  /// What will be wrong once rules have expired, and is not yet.
  func later() -> [Problem] {
    var known = Set(errors().map(\.message))
    return policy.lastDays.prefix(Self.days).flatMap { last -> [Problem] in
      let next = CalendarDay(sinceEpoch: last.sinceEpoch + 1)
      let check = PolicyCheck(policy: policy.asOf(next), file: file)
      return check.errors().filter { known.insert($0.message).inserted }.map {
        Problem(
          file: file, line: $0.line, column: $0.column, message: "from \(next) on: \($0.message)",
          hint: $0.hint, rule: $0.rule)
      }
    }
  }

  /// Fields behind a gate that nobody may verify: they never pass it.
  func ungiven() -> [Problem] {
    policy.document.gates.compactMap { gate in
      guard let ledger = policy.catalog[gate.ledger] else { return nil }
      var read: FieldSet = []
      var verified: FieldSet = []
      for (node, scope) in parties(of: ledger) {
        verified.formUnion(scope.any.verify)
        if gate.loop.includes(parent: node) { read.formUnion(scope.any.read) }
      }
      let stuck = read.intersection(ledger.fieldSet).subtracting(ledger.homeSet)
        .subtracting(verified)
      guard !stuck.isEmpty else { return nil }
      return Problem(
        file: file, line: gate.line, column: gate.column,
        message: "ledger \(ledger.name) is gated, and nobody verifies: "
          + names(stuck, of: ledger),
        hint: "name them in \"verify\" of a rule, or they never pass the gate",
        severity: .warning)
    }
  }
}
