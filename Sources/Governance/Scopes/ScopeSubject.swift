package import ReplicationCore

/// Whom a rule is about: nodes of a tier, or departments by slug, anywhere or below one division.
package struct ScopeSubject: Sendable, Hashable, CustomStringConvertible {
  /// The tier; for departments the tier that they serve, nil for whichever.
  package let tier: Tier?
  /// A department's slug; nil for a tier's own nodes.
  package let department: String?
  /// Only nodes of this division and below it; nil for everywhere.
  package let within: DivisionCode?

  /// Whether a node is one of these.
  package func contains(_ node: NodeID) -> Bool {
    if let within, !within.contains(node.code) { return false }
    guard let department else {
      if tier == .department { return !node.slug.isEmpty }
      return node.slug.isEmpty && tier == Tier(level: node.code.level)
    }
    guard node.slug == department else { return false }
    return tier == nil || tier == Tier(level: node.code.level)
  }

  /// As a person would say it: `county department civil-affairs below 450103000000`.
  package var description: String {
    var text = tier.map(\.rawValue) ?? ""
    if let department {
      text += (text.isEmpty ? "" : " ") + "department " + department
    }
    if let within { text += " below \(within)" }
    return text
  }

  private static let keys = ["tier", "department", "of", "within"]

  /// Reads `village`, `{tier: town, within: 450103000000}` or `{department: civil-affairs, of: county}`; nil, noted, for anything else.
  static func parse(_ tree: DocumentTree, log: inout ProblemLog) -> ScopeSubject? {
    if case .scalar = tree {
      guard let tier = tier(tree, log: &log) else { return nil }
      return ScopeSubject(tier: tier, department: nil, within: nil)
    }
    guard let map = DocumentMap(tree, "a subject", known: keys, log: &log) else { return nil }
    let count = log.list.count
    let tier = map["tier"].flatMap { Self.tier($0, log: &log) }
    let of = map["of"].flatMap { Self.tier($0, log: &log) }
    if of == .department { log.note("a department serves a tier", at: map.place(of: "of")) }
    let department = map.text("department", log: &log)
    switch (map["tier"] != nil, map["department"] != nil) {
    case (true, true):
      log.note("a subject is either a tier or a department", at: map.place, hint: "say \"of\"")
    case (false, false): log.note("a subject needs \"tier\" or \"department\"", at: map.place)
    case (true, false):
      if map["of"] != nil { log.note("\"of\" belongs to a department", at: map.place(of: "of")) }
    case (false, true): break
    }
    if let department, !Self.isSlug(department) {
      log.note(
        "a department's name is at most 32 small letters, digits and hyphens",
        at: map.place(of: "department"))
    }
    let within = map["within"].flatMap { DivisionCode.parse($0, log: &log) }
    guard log.list.count == count else { return nil }
    return ScopeSubject(tier: tier ?? of, department: department, within: within)
  }

  private static func isSlug(_ text: String) -> Bool {
    guard let anywhere = DivisionCode(number: 0) else { return false }
    return !text.isEmpty && NodeID(code: anywhere, slug: text) != nil
  }

  private static func tier(_ tree: DocumentTree, log: inout ProblemLog) -> Tier? {
    guard let name = tree.text("a tier", log: &log) else { return nil }
    if let tier = Tier(rawValue: name) { return tier }
    log.noteUnknown("tier", name, at: tree.place, known: Tier.allCases.map(\.rawValue))
    return nil
  }
}

extension DivisionCode {
  /// Reads a 12-digit code; nil, noted, for anything else.
  static func parse(_ tree: DocumentTree, log: inout ProblemLog) -> DivisionCode? {
    guard let text = tree.text("a division code", log: &log) else { return nil }
    guard let code = DivisionCode(text), code.number > 0 else {
      log.note("\"\(Spelling.shown(text))\" is not a 12-digit division code", at: tree.place)
      return nil
    }
    return code
  }
}
