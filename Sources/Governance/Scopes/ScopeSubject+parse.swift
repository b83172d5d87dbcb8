import ReplicationCore

extension ScopeSubject {
  private static let keys = ["tier", "department", "of", "within", "node", "subtree"]

  /// Reads `village`, `{tier: town, within: CODE}`, `{department: civil-affairs, of: county}`, `{node: ID}` or `{subtree: CODE}`; nil,
  /// noted, for anything else.
  static func parse(_ tree: DocumentTree, log: inout ProblemLog) -> ScopeSubject? {
    if case .scalar = tree {
      guard let tier = tier(tree, log: &log) else { return nil }
      return ScopeSubject(tier: tier)
    }
    guard let map = DocumentMap(tree, "a subject", known: keys, log: &log) else { return nil }
    let kinds = ["tier", "department", "node", "subtree"].filter { map[$0] != nil }
    guard kinds.count == 1, let kind = kinds.first else {
      log.note(
        kinds.isEmpty
          ? "a subject needs \"tier\", \"department\", \"node\" or \"subtree\""
          : "a subject is either a tier, a department, a node or a subtree",
        at: map.place, hint: kinds == ["tier", "department"] ? "say \"of\"" : nil)
      return nil
    }
    let count = log.list.count
    if kind != "department", map["of"] != nil {
      log.note("\"of\" belongs to a department", at: map.place(of: "of"))
    }
    if kind == "node" || kind == "subtree", map["within"] != nil {
      log.note("\"within\" belongs to a tier or a department", at: map.place(of: "within"))
    }
    let subject: ScopeSubject?
    switch kind {
    case "node": subject = node(map, log: &log).map(ScopeSubject.init(node:))
    case "subtree":
      let code = map["subtree"].flatMap { DivisionCode.parse($0, log: &log) }
      subject = code.map { ScopeSubject(tier: nil, within: $0) }
    default: subject = group(map, log: &log)
    }
    return log.list.count == count ? subject : nil
  }

  private static func node(_ map: DocumentMap, log: inout ProblemLog) -> NodeID? {
    guard let text = map.text("node", log: &log) else { return nil }
    if let node = NodeID(text), node.code.number > 0 { return node }
    log.note(
      "\"\(Spelling.shown(text))\" is not a node's id", at: map.place(of: "node"),
      hint: "as in 450103000000 or 450103000000/civil-affairs")
    return nil
  }

  /// A tier or a department, anywhere or below a division.
  private static func group(_ map: DocumentMap, log: inout ProblemLog) -> ScopeSubject {
    let tier = map["tier"].flatMap { Self.tier($0, log: &log) }
    let of = map["of"].flatMap { Self.tier($0, log: &log) }
    if of == .department { log.note("a department serves a tier", at: map.place(of: "of")) }
    let department = map.text("department", log: &log)
    if let department, !isSlug(department) {
      log.note(
        "a department's name is at most 32 small letters, digits and hyphens",
        at: map.place(of: "department"))
    }
    let within = map["within"].flatMap { DivisionCode.parse($0, log: &log) }
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
