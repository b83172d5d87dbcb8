import ReplicationCore

/// All that is wrong with a policy, or may be: everything that `scope check` says.
///
/// A policy tells nodes apart only by tier, department and the divisions that it names, so a sample of the tree stands for all of it.
package struct PolicyCheck {
  let policy: CompiledPolicy
  let file: String
  let tree: AdministrativeTree
  let nodes: [NodeID]

  init(policy: CompiledPolicy, file: String) {
    self.policy = policy
    self.file = file
    tree = AdministrativeTree(tiers: policy.document.tiers)
    nodes = Self.sample(policy.document)
  }

  /// Reads a document and judges it as of a day: problems of the text, or where it can be read those of its meaning. Errors and
  /// warnings in the order of their places; empty when there is nothing to say.
  ///
  /// - Parameter day: rules whose last day lies before it give nothing; nil: all rules hold.
  package static func problems(
    _ bytes: [UInt8], catalog: Catalog, file: String = "scopes.yaml", asOf day: CalendarDay? = nil
  ) -> [Problem] {
    do throws(Problems) {
      let document = try ScopeDocument(bytes, catalog: catalog, file: file)
      let whole = CompiledPolicy(bytes: bytes, document: document, catalog: catalog)
      let check = PolicyCheck(policy: whole.asOf(day), file: file)
      let found =
        check.errors() + check.warnings() + check.expired(in: document, asOf: day)
        + check.later()
      return found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    } catch {
      return error.list
    }
  }

  /// Why the policy is refused; empty when it may be used.
  func errors() -> [Problem] {
    nobody() + outside() + ClosureCheck(self).problems() + blind() + undone()
  }

  /// What does not hinder the policy, but is likely a mistake.
  func warnings() -> [Problem] { purposeless() + redundant() + ungiven() + mixed() }

  /// A problem of a rule.
  func problem(
    _ rule: ScopeRule, _ message: String, hint: String, _ severity: Problem.Severity = .error
  ) -> Problem {
    Problem(
      file: file, line: rule.line, column: rule.column, message: message, hint: hint,
      rule: rule.name, severity: severity)
  }

  /// Every node of the sample that the policy says anything of for a ledger.
  func parties(of ledger: Ledger) -> [(node: NodeID, scope: LedgerScope)] {
    nodes.compactMap { node in
      guard let scope = policy.scope(of: node, in: ledger.id), !scope.grants.isEmpty else {
        return nil
      }
      return (node, scope)
    }
  }

  /// Names of fields, in the ledger's order.
  func names(_ fields: FieldSet, of ledger: Ledger) -> String {
    fields.members.map { ledger.name(of: $0) }.joined(separator: ", ")
  }

  /// As a person would say it: `the town`, `the county department civil-affairs`.
  static func kind(_ node: NodeID) -> String {
    node.slug.isEmpty
      ? "the \(Tier(of: node).rawValue)"
      : "the \(Tier(level: node.code.level).rawValue) department \(node.slug)"
  }

  /// The first rule by which a node has a right that `gives` looks for, at any of the homes of a prefix; nil when there is none.
  func rule(
    _ scope: LedgerScope, around prefix: HomePrefix?, where gives: (ScopeRights) -> Bool
  ) -> ScopeRule? {
    scope.grants.first { grant in
      gives(grant.rights) && (prefix.map { grant.prefix.contains($0) } ?? true)
    }.map { policy.document.rules[$0.rule] }
  }
}

extension HomePrefix {
  /// Whether all codes of another prefix belong.
  func contains(_ other: HomePrefix) -> Bool {
    unit >= other.unit && other.widened(to: unit) == self
  }
}

extension [Problem] {
  /// Each problem once, in the order of their first appearance.
  func unique() -> [Problem] {
    var seen: Set<Problem> = []
    return filter { seen.insert($0).inserted }
  }
}
