import ReplicationCore

extension ScopeParser {
  private static let ruleKeys = [
    "rule", "who", "ledger", "homes", "read", "maintain", "basis", "until",
  ]
  /// Words of the grammar that this version does not carry out: a rule must not seem to hold.
  private static let laterKeys = [
    "create", "delete", "verify", "resolve", "mask", "unmask", "grantable", "gate",
  ]

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
      guard let parsed = rule(item) else { continue }
      for rule in parsed {
        let other = lines.updateValue(rule.line, forKey: rule.name)
        if let other, other != rule.line {
          log.note("the rule \"\(rule.name)\" is on line \(other) already", at: item.place)
        }
      }
      rules.append(contentsOf: parsed)
    }
    return rules
  }

  /// A rule may name several ledgers when its fields are `all` or in each of them: one compiled rule for each.
  private mutating func rule(_ tree: DocumentTree) -> [ScopeRule]? {
    if case .map(let entries, _) = tree {
      for entry in entries where Self.laterKeys.contains(entry.key) {
        log.note(
          "\"\(entry.key)\" is not supported yet", at: entry.place,
          hint: "this version knows read and maintain; take the line out")
      }
    }
    let known = Self.ruleKeys + Self.laterKeys
    guard let map = DocumentMap(tree, "a rule", known: known, log: &log) else { return nil }
    let count = log.list.count
    let name = map.required("rule", log: &log) ?? ""
    if name.isEmpty || name.utf8.count > 128 {
      log.note("a rule's name has 1 to 128 bytes", at: map.place(of: "rule"))
    }
    if map["who"] == nil { log.note("\"who\" is missing", at: map.place) }
    let subjects = (map["who"]?.items ?? []).compactMap { ScopeSubject.parse($0, log: &log) }
    if map["who"]?.items.isEmpty == true { log.note("nobody is named", at: map.place(of: "who")) }
    let homes = homes(map)
    let basis = map.text("basis", log: &log)
    let until = until(map)
    if map["ledger"] == nil { log.note("\"ledger\" is missing", at: map.place) }
    if map["read"] == nil, map["maintain"] == nil {
      log.note("a rule needs \"read\" or \"maintain\"", at: map.place)
    }
    var rules: [ScopeRule] = []
    for item in map["ledger"]?.items ?? [] {
      guard let ledgerName = item.text("a ledger", log: &log),
        let ledger = ledger(ledgerName, at: item.place)
      else { continue }
      let maintain = map["maintain"].map { fields($0, of: ledger) } ?? FieldSet()
      var read = (map["read"].map { fields($0, of: ledger) } ?? FieldSet()).union(maintain)
      if !read.isEmpty { read.formUnion(FieldSet.existence.union(ledger.homeSet)) }
      rules.append(
        ScopeRule(
          name: name, line: map.place.line, subjects: subjects, ledger: ledger.id, homes: homes,
          read: read, maintain: maintain, basis: basis, until: until))
    }
    return log.list.count == count ? rules : nil
  }

  private mutating func homes(_ map: DocumentMap) -> RuleHomes {
    guard let tree = map["homes"] else {
      log.note("\"homes\" is missing", at: map.place, hint: "homes: own, all, or a list of codes")
      return .own
    }
    if case .scalar(let word?, _) = tree {
      if word == "own" { return .own }
      if word == "all" { return .all }
      if word.utf8.first.map({ (0x61...0x7A).contains($0) }) ?? true {
        log.noteUnknown("word for homes", word, at: tree.place, known: ["own", "all"])
        return .own
      }
    }
    let codes = tree.items.compactMap { DivisionCode.parse($0, log: &log) }
    if tree.items.isEmpty { log.note("\"homes\" names no division", at: tree.place) }
    return .codes(codes)
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
