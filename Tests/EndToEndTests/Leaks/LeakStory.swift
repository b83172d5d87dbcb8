import DaemonKit
import LabKit
import SeededRandom
import Testing

/// Policies and edits, one after another, and what the tree must show once it is quiet.
struct LeakStory {
  let tree: RealTree
  var random: SplitMix64
  private(set) var policies: [Int: LeakPolicy] = [:]
  private(set) var canaries = Canaries()
  private var policy: LeakPolicy?
  private var keys: [String] = []

  init(_ tree: RealTree, seed: UInt64) {
    self.tree = tree
    random = SplitMix64(seed: seed)
  }

  /// Every text that was planted.
  var texts: [String] { Array(canaries.all.keys) }

  /// Puts the next policy in force, and does not wait for anybody to hear of it.
  mutating func enact(least: Bool = false) throws {
    let next = LeakPolicy(epoch: (policy?.epoch ?? 1) + 1, using: &random, least: least)
    var file = try PolicyFile(epoch: 1)
    file.text = next.text
    let outcome = try tree.apply(file, at: tree.region)
    try #require(outcome.status == 0, "\(outcome.detail)\n\(next.text)")
    policy = next
    policies[next.epoch] = next
  }

  /// One edit, at whichever tier may make it as far as that tier has heard.
  mutating func write() throws {
    if keys.count < 12 || random.isOne(in: 12) { return try register() }
    let key = random.pick(keys)
    switch random.below(10) {
    case 0: try edit(tree.town, key, "address")
    case 1: try edit(tree.county, key, "remark")
    case 2: try move(key)
    default:
      let field = random.pick(["name", "address", "remark", "status", "education"])
      try edit(try home(of: key), key, field)
    }
  }

  private mutating func register() throws {
    let village = random.pick([tree.village, tree.neighbour])
    let person = Person(7000 + keys.count, at: village)
    keys.append(person.key)
    canaries.homes[person.key] = ["\(village.node)"]
    let name = canaries.plant("name", of: person.key, using: &random)
    let address = canaries.plant("address", of: person.key, using: &random)
    let remark = canaries.plant("remark", of: person.key, using: &random)
    try tree.database(village).run(
      """
      INSERT INTO ledger.resident (person_id, home, residence, name, address, remark, phone, status)
      VALUES ('\(person.key)', '\(village.node)', '\(village.node)', '\(name)', '\(address)', '\(remark)',
        '138\(10_000_000 + random.below(89_999_999))', '1');
      """)
  }

  /// A node whose scope is another by now refuses, and that is as it should be.
  private mutating func edit(_ node: LabPlan.Node, _ key: String, _ field: String) throws {
    let value =
      switch field {
      case "status": "\(1 + random.below(4))"
      case "education": "\(10 * (1 + random.below(4)))"
      default: canaries.plant(field, of: key, using: &random)
      }
    let refusal = try tree.database(node).refusal(
      of: "UPDATE ledger.resident SET \(field) = '\(value)' WHERE person_id = '\(key)'")
    guard let refusal else { return }
    try #require(refusal.contains("HJ001"), "\(refusal)")
  }

  private mutating func move(_ key: String) throws {
    let from = try home(of: key)
    let to = from.node == tree.village.node ? tree.neighbour : tree.village
    canaries.homes[key, default: []].append("\(to.node)")
    try tree.database(from).run(
      "UPDATE ledger.resident SET home = '\(to.node)', residence = '\(to.node)' WHERE person_id = '\(key)'"
    )
    // The next one writes it only once it has it.
    let wait = try tree.database(to).wait(
      until: "SELECT FROM ledger.resident WHERE person_id = '\(key)' AND home = '\(to.node)'",
      seconds: 20)
    _ = try wait.finish()
  }

  private func home(of key: String) throws -> LabPlan.Node {
    let code = try #require(canaries.homes[key]?.last)
    return code == "\(tree.village.node)" ? tree.village : tree.neighbour
  }

  /// Waits until it is quiet, and holds what every node shows against what the policy in force gives it of what the home village shows.
  mutating func compare() async throws {
    let policy = try #require(policy)
    try #require(
      try await tree.becomesTrue(within: 30) { try await tree.allAdopted(Int64(policy.epoch)) })
    try await tree.settle()
    let truth = try [tree.village, tree.neighbour].flatMap { village in
      try rows(at: village).filter { $0["home"] == "\(village.node)" }
    }
    for key in Set(keys).subtracting(truth.compactMap { $0["key"] }).sorted() {
      let found = try tree.lab.plan.nodes.compactMap { node in
        try rows(at: node).first { $0["key"] == key }.map { "\(node.node): \($0["home"] ?? "")" }
      }
      Issue.record(
        "epoch \(policy.epoch): \(key), of \(canaries.homes[key] ?? []), is not there; shown at \(found)"
      )
    }
    try #require(truth.count == keys.count)
    for node in tree.lab.plan.nodes {
      let expected = truth.compactMap { shown($0, at: "\(node.node)", policy) }
      let found = try rows(at: node)
      let places = differences(expected, found)
      #expect(places.isEmpty, "epoch \(policy.epoch), \(node.node): \(places)\n\(policy.text)")
    }
  }

  /// A row as a node is to show it; nil when it is to have none. Empty: no value.
  private func shown(
    _ row: [String: String], at node: String, _ policy: LeakPolicy
  ) -> [String: String]? {
    let home = row["home"] ?? ""
    guard policy.mayHold(node, "home", home: home) else { return nil }
    var row = row
    for field in LeakPolicy.fields where !policy.mayHold(node, field, home: home) {
      row[field] = ""
    }
    return row
  }

  private func rows(at node: LabPlan.Node) throws -> [[String: String]] {
    let names = ["key", "home"] + LeakPolicy.fields
    let sql =
      "SELECT person_id, home, \(LeakPolicy.fields.joined(separator: ", ")) FROM ledger.resident ORDER BY 1"
    return try tree.database(node).run(sql).map { values in
      Dictionary(uniqueKeysWithValues: zip(names, values))
    }
  }

  /// `KEY FIELD` wherever two answers differ; no value.
  private func differences(
    _ expected: [[String: String]], _ found: [[String: String]]
  ) -> [String] {
    func byKey(_ rows: [[String: String]]) -> [String: [String: String]] {
      Dictionary(rows.map { ($0["key"] ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }
    let (a, b) = (byKey(expected), byKey(found))
    return Set(a.keys).union(b.keys).sorted().flatMap { key -> [String] in
      guard let mine = a[key] else { return ["\(key) is too much"] }
      guard let theirs = b[key] else { return ["\(key) is missing"] }
      return mine.keys.filter { mine[$0] != theirs[$0] }.sorted().map { field in
        let isMissing = theirs[field]?.isEmpty == true
        let isTooMuch = mine[field]?.isEmpty == true
        return "\(key) \(field): "
          + (isMissing ? "missing" : isTooMuch ? "too much" : "another value")
      }
    }
  }

  /// Files of a node's database in which a planted text stands, once PostgreSQL has rewritten its tables.
  func filesHoldingTexts(at node: LabPlan.Node) throws -> [String] {
    let cluster = try tree.lab.cluster()
    let database = tree.lab.database(of: node.node).name
    for command in ["VACUUM FULL", "ANALYZE", "CHECKPOINT"] {
      _ = try cluster.execute(command, database: database)
    }
    let oid = try tree.inside(
      node, "SELECT oid FROM pg_database WHERE datname = current_database()")
    let folder = "\(cluster.data)/base/\(oid)"
    return try LocalFile.names(in: folder).filter { name in
      !canaries.found(in: try LocalFile.read("\(folder)/\(name)")).isEmpty
    }
  }
}
