import ReplicationCore

extension ScopeParser {
  private static let ruleKeys = [
    "rule", "who", "ledger", "homes", "by", "read", "maintain", "create", "delete", "verify",
    "resolve", "mask", "unmask", "purpose", "basis", "until",
  ]
  /// What a rule must have at least one of.
  private static let verbs = ["read", "maintain", "delete", "verify", "resolve"]

  mutating func rules(_ tree: DocumentTree?, place: Place) -> [ScopeRule] {
    guard let tree, case .list(let items, _) = tree else {
      log.note("\"rules\" must be a list", at: tree?.place ?? place)
      return []
    }
    if items.count > Self.maximumRules {
      log.note("there are more than \(Self.maximumRules) rules", at: tree.place)
      return []
    }
    var rules: [ScopeRule] = []
    var lines: [String: Int] = [:]
    for item in items {
      log.rule = Self.name(item)
      guard let parsed = rule(item) else { continue }
      if let rule = parsed.first {
        let other = lines.updateValue(rule.line, forKey: rule.name)
        if let other, other != rule.line {
          log.note("the rule \"\(rule.name)\" is on line \(other) already", at: item.place)
        }
      }
      rules.append(contentsOf: parsed)
    }
    log.rule = nil
    return rules
  }

  /// A rule may name several ledgers when its fields are `all` or in each of them: one compiled rule for each.
  private mutating func rule(_ tree: DocumentTree) -> [ScopeRule]? {
    guard let map = DocumentMap(tree, "a rule", known: Self.ruleKeys, log: &log) else { return nil }
    let count = log.list.count
    let name = map.required("rule", log: &log) ?? ""
    if name.isEmpty || name.utf8.count > 128 {
      log.note("a rule's name has 1 to 128 bytes", at: map.place(of: "rule"))
    }
    if map["who"] == nil { log.note("\"who\" is missing", at: map.place) }
    let subjects = (map["who"]?.items ?? []).compactMap { ScopeSubject.parse($0, log: &log) }
    if map["who"]?.items.isEmpty == true { log.note("nobody is named", at: map.place(of: "who")) }
    let homes = homes(map)
    let purpose = map.text("purpose", log: &log)
    let basis = map.text("basis", log: &log)
    let until = until(map)
    if map["ledger"] == nil { log.note("\"ledger\" is missing", at: map.place) }
    if !Self.verbs.contains(where: { map[$0] != nil }) {
      log.note("a rule needs \"read\" or \"maintain\"", at: map.place)
    }
    var rules: [ScopeRule] = []
    for item in map["ledger"]?.items ?? [] {
      guard let ledgerName = item.text("a ledger", log: &log),
        let ledger = ledger(ledgerName, at: item.place)
      else { continue }
      let by = homeColumns(map, of: ledger)
      let rights = rights(map, of: ledger, by: by)
      rules.append(
        ScopeRule(
          name: name, line: map.place.line, column: map.place.column, subjects: subjects,
          ledger: ledger.id, homes: homes, by: by, rights: rights, purpose: purpose, basis: basis,
          until: until))
    }
    return log.list.count == count ? rules : nil
  }

  /// A rule's name for problems, read before anything else of it.
  private static func name(_ tree: DocumentTree) -> String? {
    guard case .map(let entries, _) = tree,
      case .scalar(let name?, _) = entries.first(where: { $0.key == "rule" })?.value
    else { return nil }
    return Spelling.shown(name)
  }

  private mutating func homes(_ map: DocumentMap) -> RuleHomes {
    guard let tree = map["homes"] else {
      log.note(
        "\"homes\" is missing", at: map.place,
        hint: "homes: own, own-code, all, or a list of codes")
      return .own
    }
    if case .scalar(let word?, _) = tree {
      switch word {
      case "own": return .own
      case "own-code": return .ownCode
      case "all": return .all
      default:
        if word.utf8.first.map({ (0x61...0x7A).contains($0) }) ?? true {
          log.noteUnknown(
            "word for homes", word, at: tree.place, known: ["own", "own-code", "all"])
          return .own
        }
      }
    }
    let codes = tree.items.compactMap { DivisionCode.parse($0, log: &log) }
    if tree.items.isEmpty { log.note("\"homes\" names no division", at: tree.place) }
    return .codes(codes)
  }

  /// `by:` the home column or columns that count; nil: all.
  private mutating func homeColumns(_ map: DocumentMap, of ledger: Ledger) -> FieldSet? {
    guard let tree = map["by"] else { return nil }
    var columns: FieldSet = []
    for item in tree.items {
      guard let name = item.text("a home column", log: &log) else { continue }
      if let field = ledger.homes.first(where: { ledger.name(of: $0) == name }) {
        columns.insert(field)
      } else {
        let known = ledger.homes.map { ledger.name(of: $0) }
        log.noteUnknown("home column of \(ledger.name)", name, at: item.place, known: known)
      }
    }
    if tree.items.isEmpty { log.note("\"by\" names no home column", at: tree.place) }
    return columns == ledger.homeSet ? nil : columns
  }

  private mutating func until(_ map: DocumentMap) -> CalendarDay? {
    guard let text = map.text("until", log: &log) else { return nil }
    guard let day = CalendarDay(text) else {
      log.note("\"until\" is not a day", at: map.place(of: "until"), hint: "as in 2030-12-31")
      return nil
    }
    return day
  }
}
