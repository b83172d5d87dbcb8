import DaemonKit
import Governance
import ReplicationCore

extension LabSpec {
  /// Reads a spec file. Throws `ConfigError` with every problem, or `lab-spec-missing`.
  package static func read(_ path: String) throws -> LabSpec {
    let path = LocalFile.absolute(path)
    guard LocalFile.exists(path) else {
      throw OperatorError(.labSpecMissing, ["path": path], status: .usage)
    }
    return try parse(
      try LocalFile.readText(path), file: path, directory: LocalFile.parent(of: path))
  }

  /// Parses a spec's text; relative paths in it are seen from `directory`.
  package static func parse(_ text: String, file: String, directory: String) throws -> LabSpec {
    let problems = ConfigProblems(file: file)
    let keys = ["name", "title", "ledgers", "scopes", "residents", "nodes", "divisions"]
    let map = ConfigMap(text: text, keys: keys, problems: problems)
    let name = map?.requiredText("name")?.text ?? ""
    let ledgers = map.flatMap { path($0, "ledgers", directory, problems) } ?? ""
    let scopes = map.flatMap { path($0, "scopes", directory, problems) } ?? ""
    let residents = map?.integer("residents", in: 0...10_000_000) ?? 5_000
    if let map, !map.has("nodes"), !map.has("divisions") {
      problems.add(line: map.line, .yamlMissing, ["key": "nodes"])
    }
    let entries = map?.maps("nodes", keys: ["id", "name", "tier"]) ?? []
    var named = self.named(entries, problems)
    if let choice = map.flatMap({ choice($0, directory, problems) }) {
      // Below here lines of another file are spoken of: what is wrong in this one is said first.
      try problems.check()
      try add(try choice.divisions(), of: choice, ledgers, scopes, to: &named)
    }
    let nodes = nodes(named, problems)
    try problems.check()
    return LabSpec(
      name: name, title: map?.text("title")?.text ?? name, ledgers: ledgers, scopes: scopes,
      residents: residents, nodes: nodes)
  }

  private static func path(
    _ map: ConfigMap, _ key: String, _ directory: String, _ problems: ConfigProblems
  ) -> String? {
    guard let text = map.requiredText(key) else { return nil }
    let path = LocalFile.resolve(text.text, from: directory)
    if !LocalFile.exists(path) {
      problems.add(line: text.line, .fileMissing, ["key": key, "path": path])
    }
    return path
  }

  /// Nodes by their ids, as the file names them; line 0: they come from a division file.
  typealias Named = [NodeID: (name: String, line: Int)]

  private static func named(_ entries: [ConfigMap], _ problems: ConfigProblems) -> Named {
    var found: Named = [:]
    for entry in entries {
      guard let id = entry.requiredText("id"), let name = entry.requiredText("name") else {
        continue
      }
      guard let node = NodeID(id.text) else {
        let expected = Phrase("12 位区划代码", "a 12-digit division code")
        problems.invalid(id, "id", expected: expected)
        continue
      }
      if found.updateValue((name.text, entry.line), forKey: node) != nil {
        problems.add(line: entry.line, .yamlRepeated, ["key": "\(node)"])
      }
      check(entry, tierOf: node, problems)
    }
    return found
  }

  private static func nodes(_ found: Named, _ problems: ConfigProblems) -> [Node] {
    let regions = found.keys.filter { Tier(of: $0) == .region }
    if regions.count != 1 {
      problems.add(line: 0, .labSpecRoots, ["count": "\(regions.count)"])
    }
    return found.keys.sorted(by: isBefore).compactMap { node in
      guard let (name, line) = found[node] else { return nil }
      let parent = parent(of: node, among: found.keys)
      if parent == nil, Tier(of: node) != .region {
        problems.add(line: line, .labSpecOrphan, ["node": "\(node)"])
      }
      return Node(node: node, name: name, tier: Tier(of: node), parent: parent)
    }
  }

  private static func check(_ entry: ConfigMap, tierOf node: NodeID, _ problems: ConfigProblems) {
    guard let tier = entry.text("tier") else { return }
    let expected = Tier(of: node).rawValue
    if tier.text != expected {
      let values = ["node": "\(node)", "expected": expected, "tier": tier.text]
      problems.add(line: tier.line, .labSpecTier, values)
    }
  }

  /// The nearest node above: of a department the division's own, else the one with the longest prefix.
  private static func parent(of node: NodeID, among nodes: some Sequence<NodeID>) -> NodeID? {
    nodes.filter { candidate in
      candidate != node && candidate.slug.isEmpty && candidate.code.contains(node.code)
    }.max { $0.code.level < $1.code.level }
  }

  /// Higher levels first, a division before its departments, then by id.
  private static func isBefore(_ a: NodeID, _ b: NodeID) -> Bool {
    if a.code.level != b.code.level { return a.code.level < b.code.level }
    return a < b
  }
}
