import SeededRandom

/// A random policy about residents, and what it means, worked out from its words alone: nothing of the compiler is used.
struct LeakPolicy {
  /// Whom a rule is about.
  enum Who {
    case tier(String)
    case department(String)
    case node(String)
  }

  struct Rule {
    var name: String
    var who: Who
    /// Nil: the subject's own division; else a code.
    var home: String?
    var read: [String] = []
    var maintain: [String] = []
    var creates = false
  }

  static let fields = ["name", "phone", "address", "remark", "status", "education"]
  static let tiers = ["village", "town", "county", "city", "region"]
  let epoch: Int
  private(set) var rules: [Rule] = []

  /// A policy whose every reader can be reached. `least`: nobody but the villages reads anything.
  init(epoch: Int, using random: inout SplitMix64, least: Bool = false) {
    self.epoch = epoch
    // How far up each field goes: whoever reads is reached over tiers that read.
    var heights: [String: Int] = [:]
    for field in Self.fields { heights[field] = least ? 0 : random.below(Self.tiers.count) }
    func reaching(_ height: Int) -> [String] {
      Self.fields.filter { heights[$0, default: 0] >= height }
    }
    func some(_ names: [String]) -> [String] { names.filter { _ in random.chance(0.6) } }
    let home = ["home", "residence"]
    rules.append(
      Rule(name: "village", who: .tier("village"), maintain: home + Self.fields, creates: true))
    for (height, tier) in Self.tiers.enumerated().dropFirst() where !reaching(height).isEmpty {
      var rule = Rule(name: tier, who: .tier(tier), read: reaching(height))
      if tier == "town", rule.read.contains("address") { rule.maintain = ["address"] }
      if tier == "county", rule.read.contains("remark") { rule.maintain = ["remark"] }
      rules.append(rule)
    }
    let department = some(reaching(2))
    if !department.isEmpty {
      rules.append(
        Rule(name: "department", who: .department("civil-affairs"), read: department))
    }
    let neighbour = some(reaching(1))
    if !neighbour.isEmpty, random.chance(0.5) {
      rules.append(
        Rule(
          name: "neighbour", who: .node("450103001006"), home: "450103001005", read: neighbour))
    }
  }

  /// Whether a node may hold a field of a resident with this home; every field that makes the resident known brings its home columns.
  func mayHold(_ node: String, _ field: String, home: String) -> Bool {
    let giving = rules.filter { $0.isAbout(node) && $0.covers(home, for: node) }
    if ["home", "residence"].contains(field) { return !giving.isEmpty }
    return giving.contains { $0.read.contains(field) || $0.maintain.contains(field) }
  }

  /// Whether a node may write a field of its own residents.
  func maintains(_ node: String, _ field: String) -> Bool {
    rules.contains { $0.isAbout(node) && $0.maintain.contains(field) }
  }

  /// The document.
  var text: String {
    var text = "epoch: \(epoch)\nregion: 450000000000\nrules:\n"
    for rule in rules {
      text += "  - rule: \(rule.name)\n    who: \(rule.who.text)\n    ledger: resident\n"
      text += "    homes: \(rule.home.map { "[\($0)]" } ?? "own")\n"
      text += "    read: [\(rule.read.joined(separator: ", "))]\n"
      text += "    maintain: [\(rule.maintain.joined(separator: ", "))]\n"
      text += "    create: \(rule.creates)\n    purpose: 测试\n"
    }
    return text
  }
}

extension LeakPolicy.Rule {
  func isAbout(_ node: String) -> Bool {
    let parts = node.split(separator: "/").map(String.init)
    let slug = parts.count > 1 ? parts[1] : ""
    return switch who {
    case .node(let id): id == node
    case .department(let name): slug == name
    case .tier(let name): slug.isEmpty && LeakPolicy.Rule.tier(parts[0]) == name
    }
  }

  func covers(_ place: String, for node: String) -> Bool {
    place.hasPrefix(Self.digits(home ?? String(node.prefix(12))))
  }

  private static func tier(_ code: String) -> String {
    [2: "region", 4: "city", 6: "county", 9: "town"][digits(code).count] ?? "village"
  }

  /// The digits of a code that count: those of its tier.
  private static func digits(_ code: String) -> String {
    for width in [2, 4, 6, 9] where code.dropFirst(width).allSatisfy({ $0 == "0" }) {
      return String(code.prefix(width))
    }
    return code
  }
}

extension LeakPolicy.Who {
  fileprivate var text: String {
    switch self {
    case .tier(let name): name
    case .department(let slug): "{department: \(slug), of: county}"
    case .node(let id): "{node: \(id)}"
    }
  }
}
