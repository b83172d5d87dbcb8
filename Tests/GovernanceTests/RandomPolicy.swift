import Governance
import ReplicationCore

/// A random policy as text, with every word of the language.
struct RandomPolicy {
  /// Whom a rule is about, as it is written.
  enum Who {
    case tier(String, within: String?)
    case department(String, of: String?, within: String?)
    case node(String)
    case subtree(String)
  }

  struct Rule {
    var who: [Who]
    /// `own`, `own-code`, `all`, or codes.
    var homes: [String]
    /// Empty: every home column.
    var by: [String]
    var read: [String]
    var maintain: [String]
    var verify: [String]
    var resolve: [String]
    var create: Bool
    var delete: Bool
    var mask: [String: String]
    var unmask: [String]
    var until: String?
  }

  static let ledger = """
    ledger: person
    id: 1
    title: {zh: 人, en: Person}
    lane: bulk
    key: {name: person_id, type: uuid}
    homes: [home, residence]
    fields:
      - {name: home, id: 2, title: {zh: 家, en: Home}, type: division}
      - {name: residence, id: 3, title: {zh: 居, en: Residence}, type: division}
      - {name: name, id: 4, title: {zh: 姓名, en: Name}, type: text}
      - {name: phone, id: 5, title: {zh: 电话, en: Phone}, type: phone}
      - {name: aid, id: 6, title: {zh: 补助, en: Aid}, type: integer}
      - {name: born, id: 7, title: {zh: 出生, en: Born}, type: date}
    """
  /// The catalog that random policies are about.
  static func catalog() throws -> Catalog {
    try Catalog(files: [CatalogFile(name: "person.yaml", text: ledger)])
  }

  static let homeColumns = ["home", "residence"]
  static let data = ["name", "phone", "aid", "born"]
  static let fieldNames = homeColumns + data
  static let codes = [
    "450000000000", "450100000000", "450101000000", "450101001000", "450101001001", "450101001002",
    "450101002000", "450101002001", "450102000000", "450102001000", "450102001001", "450200000000",
    "450201000000", "450201001000", "450201001001", "450110000000", "450110010000", "450110010010",
  ]
  /// Codes below each of these that are not among them, and one that is nowhere.
  static let others = [
    "459999999999", "450199999999", "450101999999", "450101001999", "450101002999", "450102999999",
    "450102001999", "450299999999", "450201999999", "450201001999", "450110999999", "450110010999",
    "990000000000",
  ]
  static let tiers = ["region", "city", "county", "town", "village"]
  static let slugs = ["", "aid", "police"]
  static let days = ["2026-06-30", "2026-12-31", "2027-06-30"]
  var rules: [Rule]

  init(using numbers: inout SeededNumbers) {
    rules = (0..<Int.random(in: 1...8, using: &numbers)).map { _ in Self.rule(&numbers) }
  }

  private static func rule(_ numbers: inout SeededNumbers) -> Rule {
    let homes: [String] =
      switch Int.random(in: 0..<6, using: &numbers) {
      case 0: ["all"]
      case 1: ["own-code"]
      case 2: some(codes, &numbers)
      default: ["own"]
      }
    let maintain = Bool.random(using: &numbers) ? some(fieldNames, &numbers) : []
    let by = isOne(in: 4, &numbers) ? [homeColumns.randomElement(using: &numbers) ?? "home"] : []
    var rule = Rule(
      who: (0..<Int.random(in: 1...2, using: &numbers)).map { _ in who(&numbers) }, homes: homes,
      by: by, read: some(fieldNames, &numbers), maintain: maintain,
      verify: isOne(in: 3, &numbers) ? some(fieldNames, &numbers) : [],
      resolve: isOne(in: 3, &numbers) ? some(fieldNames, &numbers) : [],
      create: maintain.contains("home") && by != ["residence"] && Bool.random(using: &numbers),
      delete: isOne(in: 3, &numbers), mask: [:], unmask: [],
      until: isOne(in: 4, &numbers) ? days.randomElement(using: &numbers) : nil)
    for field in rule.read where data.contains(field) && !maintain.contains(field) {
      switch Int.random(in: 0..<4, using: &numbers) {
      case 0: rule.mask[field] = mask(field, &numbers)
      case 1: rule.unmask.append(field)
      default: break
      }
    }
    return rule
  }

  private static func mask(_ field: String, _ numbers: inout SeededNumbers) -> String {
    let masks =
      switch field {
      case "aid": ["{range: 10}", "{range: 100}", "suppress"]
      case "born": ["year", "suppress"]
      default: ["partial", "pseudonym", "suppress"]
      }
    return masks.randomElement(using: &numbers) ?? "suppress"
  }

  private static func who(_ numbers: inout SeededNumbers) -> Who {
    let code = codes.randomElement(using: &numbers) ?? codes[0]
    let within = isOne(in: 3, &numbers) ? code : nil
    let slug = ["aid", "police"].randomElement(using: &numbers) ?? "aid"
    let tier = tiers.randomElement(using: &numbers) ?? "village"
    switch Int.random(in: 0..<8, using: &numbers) {
    case 0: return .node(Bool.random(using: &numbers) ? code : "\(code)/\(slug)")
    case 1: return .subtree(code)
    case 2: return .tier("department", within: within)
    case 3: return .department(slug, of: nil, within: within)
    case 4: return .department(slug, of: tier, within: within)
    default: return .tier(tier, within: within)
    }
  }

  private static func isOne(in count: Int, _ numbers: inout SeededNumbers) -> Bool {
    Int.random(in: 0..<count, using: &numbers) == 0
  }

  static func some(_ all: [String], _ numbers: inout SeededNumbers) -> [String] {
    let chosen = all.filter { _ in isOne(in: 3, &numbers) }
    return chosen.isEmpty ? [all[0]] : chosen
  }

  /// The document.
  var text: String {
    "epoch: 3\nregion: 450000000000\nrules:\n"
      + rules.enumerated().map { "  - rule: r\($0)\n" + $1.text }.joined()
  }
}

extension RandomPolicy.Rule {
  fileprivate var text: String {
    func list(_ names: [String]) -> String { "[" + names.joined(separator: ", ") + "]" }
    let isWord = ["own", "own-code", "all"].contains(homes[0])
    var lines = [
      "who: " + list(who.map(\.text)), "ledger: person",
      "homes: " + (isWord ? homes[0] : list(homes)), "read: " + list(read),
      "maintain: " + list(maintain), "verify: " + list(verify), "resolve: " + list(resolve),
      "create: \(create)", "delete: \(delete)", "unmask: " + list(unmask),
      "mask: {"
        + mask.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ") + "}",
    ]
    if !by.isEmpty { lines.append("by: " + list(by)) }
    if let until { lines.append("until: " + until) }
    return lines.map { "    \($0)\n" }.joined()
  }
}

extension RandomPolicy.Who {
  fileprivate var text: String {
    func below(_ code: String?) -> String { code.map { ", within: \($0)" } ?? "" }
    return switch self {
    case .tier(let tier, let within): "{tier: \(tier)\(below(within))}"
    case .department(let slug, let of, let within):
      "{department: \(slug)\(of.map { ", of: \($0)" } ?? "")\(below(within))}"
    case .node(let id): "{node: \(id)}"
    case .subtree(let code): "{subtree: \(code)}"
    }
  }
}
