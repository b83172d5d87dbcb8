import Governance
import ReplicationCore
import Testing

/// A random policy as text, and its meaning worked out in the simplest way from the words themselves.
struct RandomPolicy {
  struct Rule {
    var tier: String
    var department: String?
    var within: String?
    /// `own`, `all`, or codes.
    var homes: [String]
    var read: [String]
    var maintain: [String]
  }

  static let fieldNames = ["home", "residence", "name", "phone", "aid"]
  static let codes = [
    "450000000000", "450100000000", "450101000000", "450101001000", "450101001001", "450101001002",
    "450101002000", "450101002001", "450102000000", "450102001000", "450102001001", "450200000000",
    "450201000000", "450201001000", "450201001001", "450110000000", "450110010000", "450110010010",
  ]
  static let tiers = ["region", "city", "county", "town", "village"]
  var rules: [Rule]

  init(using numbers: inout SeededNumbers) {
    rules = []
    for _ in 0..<Int.random(in: 1...6, using: &numbers) {
      let homes: [String] =
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: ["all"]
        case 1: Self.some(Self.codes, &numbers)
        default: ["own"]
        }
      let isDepartment = Bool.random(using: &numbers)
      rules.append(
        Rule(
          tier: Self.tiers.randomElement(using: &numbers) ?? "",
          department: isDepartment ? ["aid", "police"].randomElement(using: &numbers) : nil,
          within: Int.random(in: 0..<3, using: &numbers) == 0
            ? Self.codes.randomElement(using: &numbers) : nil,
          homes: homes, read: Self.some(Self.fieldNames, &numbers),
          maintain: Bool.random(using: &numbers) ? Self.some(Self.fieldNames, &numbers) : []))
    }
  }

  private static func some(_ all: [String], _ numbers: inout SeededNumbers) -> [String] {
    let chosen = all.filter { _ in Int.random(in: 0..<3, using: &numbers) == 0 }
    return chosen.isEmpty ? [all[0]] : chosen
  }

  var text: String {
    var text = "epoch: 3\nregion: 450000000000\nrules:\n"
    for (i, rule) in rules.enumerated() {
      let tier = rule.department.map { "department: \($0), of: \(rule.tier)" }
      let within = rule.within.map { ", within: \($0)" } ?? ""
      let word = ["own", "all"].contains(rule.homes[0])
      text += "  - rule: r\(i)\n    who: {\(tier ?? "tier: \(rule.tier)")\(within)}\n"
      text += "    ledger: person\n"
      text +=
        "    homes: \(word ? rule.homes[0] : "[" + rule.homes.joined(separator: ", ") + "]")\n"
      text += "    read: [\(rule.read.joined(separator: ", "))]\n"
      text += "    maintain: [\(rule.maintain.joined(separator: ", "))]\n"
    }
    return text
  }

  /// The digits of a code that count: those of its tier.
  private func digits(_ code: String) -> String {
    for width in [2, 4, 6, 9] where code.dropFirst(width).allSatisfy({ $0 == "0" }) {
      return String(code.prefix(width))
    }
    return code
  }

  private func tier(_ code: String) -> String {
    switch digits(code).count {
    case 2: "region"
    case 4: "city"
    case 6: "county"
    case 9: "town"
    default: "village"
    }
  }

  /// The names that a node may hold (or write) of a record with these homes; nil homes: of any.
  func names(of code: String, slug: String, homes: [String]?, writing: Bool) -> Set<String> {
    var names: Set<String> = []
    for rule in rules {
      guard rule.tier == tier(code), (rule.department ?? "") == slug else { continue }
      if let within = rule.within, !code.hasPrefix(digits(within)) { continue }
      let prefixes: [String] =
        switch rule.homes[0] {
        case "own": [digits(code)]
        case "all": [""]
        default: rule.homes.map { digits($0) }
        }
      let holds =
        homes.map { homes in
          homes.contains { home in prefixes.contains { home.hasPrefix($0) } }
        } ?? true
      guard holds else { continue }
      names.formUnion(writing ? rule.maintain : rule.read + rule.maintain)
    }
    if !writing, !names.isEmpty {
      names.formUnion(["home", "residence", "alive", "verified"])
    }
    return names
  }
}

@Suite("Compiled policies")
struct PolicyPropertyTests {
  @Test("A compiled policy says what its words say, for random policies", arguments: 0..<30)
  func meaning(_ seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let random = RandomPolicy(using: &numbers)
    let catalog = try Samples.plainCatalog()
    let ledger = try #require(catalog.ledgers.first)
    let bytes = Array(random.text.utf8)
    let policy = CompiledPolicy(
      bytes: bytes, document: try ScopeDocument(bytes, catalog: catalog), catalog: catalog)
    func names(_ set: FieldSet) -> Set<String> { Set(set.members.map { ledger.name(of: $0) }) }
    for code in RandomPolicy.codes {
      for slug in ["", "aid", "police"] {
        let node = try #require(NodeID(code: Samples.code(code), slug: slug))
        #expect(
          names(policy.fields(of: node, in: ledger.id))
            == random.names(of: code, slug: slug, homes: nil, writing: false),
          "seed \(seed), node \(node)\n\(random.text)")
        for first in RandomPolicy.codes {
          let second = RandomPolicy.codes.randomElement(using: &numbers) ?? first
          for homes in [[first], [first, second]] {
            let codes = try homes.map { try Samples.code($0) }
            let expected = random.names(of: code, slug: slug, homes: homes, writing: false)
            #expect(
              names(policy.fields(of: node, in: ledger.id, homes: .inOrder(codes))) == expected,
              "seed \(seed), node \(node), homes \(homes)\n\(random.text)")
            let writable = random.names(of: code, slug: slug, homes: homes, writing: true)
            for field in ledger.fields {
              let refusal = policy.violation(
                by: node, in: ledger.id, act: Act(written: [field.id]),
                before: .homes(.inOrder(codes)),
                after: .homes(.inOrder(codes)))
              #expect((refusal == nil) == writable.contains(field.name), "seed \(seed)")
            }
          }
        }
      }
    }
  }

  @Test("Asking many times at once gives the same answers")
  func together() async throws {
    let policy = try Samples.policy()
    let homes = [Home(try Samples.code("450103001005"))]
    let node = try Samples.node("450103001005")
    let expected = try Samples.policy().fields(of: node, in: LedgerID(1), homes: homes)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<2_000).allSatisfy { _ in
            policy.fields(of: node, in: LedgerID(1), homes: homes) == expected
          }
        }
      }
      for await same in group { #expect(same) }
    }
  }
}
