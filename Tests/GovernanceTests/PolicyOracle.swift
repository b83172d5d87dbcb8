/// What a random policy means, worked out from `docs/SCOPES.md` in the simplest way, on texts alone.
struct PolicyOracle {
  let rules: [RandomPolicy.Rule]

  /// A home: the column's name and the code in it.
  typealias Place = (column: String, code: String)

  /// What somebody does to a record.
  struct Deed {
    var written: Set<String> = []
    var resolved: Set<String> = []
    var verified: Set<String> = []
    var creates = false
    var deletes = false
  }

  /// Rules that hold on a day.
  init(_ policy: RandomPolicy, on day: String) {
    rules = policy.rules.filter { rule in rule.until.map { $0 >= day } ?? true }
  }

  /// The fields that a node may hold, for these homes or, without, for any.
  func fields(_ node: String, _ homes: [Place]?) -> Set<String> {
    giving(node, homes).reduce(into: []) { $0.formUnion(visible($1)) }
  }

  /// Masks by field, as a policy writes them.
  func masks(_ node: String, _ homes: [Place]) -> [String: String] {
    var masks: [String: String] = [:]
    for field in RandomPolicy.data {
      let rules = giving(node, homes).filter { visible($0).contains(field) }
      if rules.contains(where: { $0.unmask.contains(field) }) { continue }
      masks[field] = rules.compactMap { $0.mask[field] }.max { strictness($0) < strictness($1) }
    }
    return masks
  }

  /// The strictest masks that hold for any single home.
  func masks(_ node: String) -> [String: String] {
    var strictest: [String: String] = [:]
    for code in RandomPolicy.codes + RandomPolicy.others {
      for column in RandomPolicy.homeColumns {
        strictest.merge(masks(node, [(column, code)])) {
          strictness($0) < strictness($1) ? $1 : $0
        }
      }
    }
    return strictest
  }

  /// Whether a node may do this to a record that has these homes.
  func allows(_ deed: Deed, by node: String, at homes: [Place]) -> Bool {
    let rules = giving(node, homes)
    if deed.creates, !rules.contains(where: \.create) { return false }
    if deed.deletes, !rules.contains(where: \.delete) { return false }
    for field in deed.written {
      let maintains = rules.contains { $0.maintain.contains(field) }
      let resolves = deed.resolved.contains(field) && rules.contains { $0.resolve.contains(field) }
      if !maintains, !resolves { return false }
    }
    return deed.verified.allSatisfy { field in rules.contains { $0.verify.contains(field) } }
  }

  /// Whether a node may make a record with this `home`.
  func allowsCreation(_ deed: Deed, by node: String, home: String) -> Bool {
    let homes: [Place] = [("home", home)]
    let rules = giving(node, homes)
    return rules.contains(where: \.create) && rules.contains { $0.maintain.contains("home") }
      && allows(deed, by: node, at: homes)
  }

  private func visible(_ rule: RandomPolicy.Rule) -> Set<String> {
    let named = Set(rule.read + rule.maintain)
    if named.isEmpty, !rule.delete { return [] }
    return named.union(["home", "residence", "alive", "verified"])
  }

  private func giving(_ node: String, _ homes: [Place]?) -> [RandomPolicy.Rule] {
    let parts = node.split(separator: "/").map(String.init)
    let code = parts[0]
    let slug = parts.count > 1 ? parts[1] : ""
    return rules.filter { rule in
      guard rule.who.contains(where: { $0.isAbout(code, slug) }) else { return false }
      guard let homes else { return true }
      return homes.contains { place in
        (rule.by.isEmpty || rule.by.contains(place.column)) && covers(rule, code, place.code)
      }
    }
  }

  private func covers(_ rule: RandomPolicy.Rule, _ own: String, _ home: String) -> Bool {
    switch rule.homes[0] {
    case "all": true
    case "own": home.hasPrefix(digits(own))
    case "own-code": home == own
    default: rule.homes.contains { home.hasPrefix(digits($0)) }
    }
  }

  private func strictness(_ mask: String) -> Int {
    ["partial", "{range: 10}", "{range: 100}", "year", "pseudonym", "suppress"]
      .firstIndex(of: mask) ?? -1
  }
}

/// The digits of a code that count: those of its tier.
private func digits(_ code: String) -> String {
  for width in [2, 4, 6, 9] where code.dropFirst(width).allSatisfy({ $0 == "0" }) {
    return String(code.prefix(width))
  }
  return code
}

private func level(_ code: String) -> String {
  switch digits(code).count {
  case 2: "region"
  case 4: "city"
  case 6: "county"
  case 9: "town"
  default: "village"
  }
}

extension RandomPolicy.Who {
  fileprivate func isAbout(_ code: String, _ slug: String) -> Bool {
    func below(_ top: String?) -> Bool { top.map { code.hasPrefix(digits($0)) } ?? true }
    switch self {
    case .tier("department", let within): return !slug.isEmpty && below(within)
    case .tier(let name, let within): return slug.isEmpty && level(code) == name && below(within)
    case .department(let name, let of, let within):
      return slug == name && (of == nil || of == level(code)) && below(within)
    case .node(let id): return id == (slug.isEmpty ? code : "\(code)/\(slug)")
    case .subtree(let top): return below(top)
    }
  }
}
