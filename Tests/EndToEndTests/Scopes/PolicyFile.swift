import DaemonKit
import LabKit
import ReplicationCore
import Testing

/// Policies made of the project's own by changing lines of it.
struct PolicyFile {
  /// The project's own policy as a text.
  var text: String

  init(epoch: Int) throws {
    text = try LocalFile.readText("\(BuiltPrograms.root)/Config/scopes.yaml")
    try change("epoch: 1\n", to: "epoch: \(epoch)\n")
  }

  /// Throws when the policy does not have the words just once.
  mutating func change(_ words: String, to others: String) throws {
    let parts = text.components(separatedBy: words)
    try #require(parts.count == 2, "\"\(words)\" stands \(parts.count - 1) times in the policy")
    text = parts.joined(separator: others)
  }

  /// The same policy in which the civil affairs department reads these fields of residents beside what it maintains.
  static func departmentReads(_ fields: String, epoch: Int) throws -> PolicyFile {
    var policy = try PolicyFile(epoch: epoch)
    try policy.change("read: [identity, address, phone]", to: "read: [\(fields)]")
    return policy
  }
}

extension RealTree {
  /// Runs `huijiactl scope apply` at a node.
  func apply(_ policy: PolicyFile, at node: LabPlan.Node) throws -> Program.Outcome {
    let path = "\(lab.directory)/applied.yaml"
    try LocalFile.write(policy.text, to: path)
    return try BuiltPrograms.runControl([
      "--control", lab.control(of: node.node), "scope", "apply", path, "--json",
    ])
  }

  /// Runs `huijiactl scope plan` at a node.
  func plan(_ policy: PolicyFile, at node: LabPlan.Node) throws -> Program.Outcome {
    let path = "\(lab.directory)/planned.yaml"
    try LocalFile.write(policy.text, to: path)
    return try BuiltPrograms.runControl([
      "--control", lab.control(of: node.node), "scope", "plan", path, "--json",
    ])
  }

  /// How many values each column of a node's residents holds, and how many rows there are.
  func residents(_ node: LabPlan.Node, _ columns: [String]) throws -> [Int64] {
    let counts = columns.map { "count(\($0))" }.joined(separator: ", ")
    let row = try database(node).run("SELECT count(*), \(counts) FROM ledger.resident").first
    return try #require(row).map { try #require(Int64($0)) }
  }

  /// Whether all nodes say that they live by a policy.
  func allAdopted(_ epoch: Int64) async throws -> Bool {
    for node in lab.plan.nodes where try await count("policy_epoch", at: node) != epoch {
      return false
    }
    return true
  }

  /// The alarms of a node, a code each.
  func alarms(at node: LabPlan.Node) async throws -> [String] {
    try await status(node)["alarms"]?.elements.compactMap { $0["code"]?.text } ?? []
  }

  /// The tables of a node in which any of some texts stands: in a column, or within bytes, which a dump shows in hexadecimal.
  func tables(of node: LabPlan.Node, holding texts: [String]) throws -> Set<String> {
    let wanted = texts + texts.map { $0.utf8.map(\.hexadecimal).joined() }
    var table = ""
    var found = Set<String>()
    for line in try dump(node).split(separator: "\n") {
      if line.hasPrefix("COPY ") {
        table = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      }
      if wanted.contains(where: { line.contains($0) }) { found.insert(table) }
    }
    return found
  }

  /// All that `pg_dump` finds in a node's database, as text.
  private func dump(_ node: LabPlan.Node) throws -> String {
    let names = lab.database(of: node.node)
    let cluster = try lab.cluster()
    let connection = cluster.connection(to: names.name, as: names.daemonRole)
    return try Program(cluster.binaries.path("pg_dump"), ["-d", connection]).runChecked()
  }
}

extension UInt8 {
  fileprivate var hexadecimal: String {
    let digits = String(self, radix: 16)
    return self < 16 ? "0" + digits : digits
  }
}

extension String {
  fileprivate func components(separatedBy words: String) -> [String] {
    split(separator: words, omittingEmptySubsequences: false).map(String.init)
  }
}
