package import ReplicationCore

/// Whom a rule is about: nodes of a tier, departments by slug, all nodes of a subtree, or one node.
package struct ScopeSubject: Sendable, Hashable, CustomStringConvertible {
  /// The tier; for departments the tier that they serve. Nil for whichever.
  package let tier: Tier?
  /// A department's slug; nil for a tier's own nodes. With neither tier nor department: every node.
  package let department: String?
  /// Only nodes of this division and below it; nil for everywhere.
  package let within: DivisionCode?
  /// Only nodes of exactly the division `within`, none below it.
  package let isExact: Bool

  init(tier: Tier?, department: String? = nil, within: DivisionCode? = nil, isExact: Bool = false) {
    self.tier = tier
    self.department = department
    self.within = within
    self.isExact = isExact
  }

  /// One node alone.
  init(node: NodeID) {
    self.init(
      tier: Tier(level: node.code.level), department: node.slug.isEmpty ? nil : node.slug,
      within: node.code, isExact: true)
  }

  /// Whether a node is one of these.
  package func contains(_ node: NodeID) -> Bool {
    if let within, isExact ? within != node.code : !within.contains(node.code) { return false }
    if tier == nil, department == nil { return true }
    guard let department else {
      if tier == .department { return !node.slug.isEmpty }
      return node.slug.isEmpty && tier == Tier(level: node.code.level)
    }
    guard node.slug == department else { return false }
    return tier == nil || tier == Tier(level: node.code.level)
  }

  /// As a person would say it: `county department civil-affairs below 450103000000`.
  package var description: String {
    if isExact, let within {
      return "node \(within)" + (department.map { "/\($0)" } ?? "")
    }
    var text = tier.map(\.rawValue) ?? ""
    if let department {
      text += (text.isEmpty ? "" : " ") + "department " + department
    }
    if text.isEmpty { text = "every node" }
    if let within { text += " below \(within)" }
    return text
  }
}
