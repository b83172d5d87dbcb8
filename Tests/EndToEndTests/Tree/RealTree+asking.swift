import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension RealTree {
  /// A node's database as an application sees it.
  func database(_ node: LabPlan.Node) throws -> LabDatabase { try LabDatabase(lab, node) }

  /// The rows of a query at a node, their fields joined by a blank.
  func rows(_ node: LabPlan.Node, _ sql: String) throws -> [String] {
    try database(node).run(sql).map { $0.joined(separator: " ") }
  }

  /// What several nodes answer to one query; a node without the row answers with an empty text.
  func answers(_ nodes: [LabPlan.Node], _ sql: String) throws -> [String] {
    try nodes.map { try database($0).value(sql) }
  }

  /// Runs SQL in a node's database as the daemon's own role, which sees `huijia.*`.
  func inside(_ node: LabPlan.Node, _ sql: String) throws -> String {
    let names = lab.database(of: node.node)
    let cluster = try lab.cluster()
    let connection = cluster.connection(to: names.name, as: names.daemonRole)
    let psql = Program(
      cluster.binaries.path("psql"),
      ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        + ["-d", connection])
    let text = try psql.runChecked(input: Array(sql.utf8))
    return text.split(separator: "\n").joined(separator: "\n")
  }

  /// Waits until everything has arrived everywhere.
  func settle(_ seconds: Double = 40) async throws {
    let report = try await lab.settle(seconds: seconds)
    try #require(report.isSettled, "still open: \(report.open.map(\.serialised))")
  }

  func status(_ node: LabPlan.Node) async throws -> JSON {
    try await lab.daemon(of: node.node).call("status", limit: .seconds(5))
  }

  /// A count of a node's status, such as `conflicts_open`.
  func count(_ name: String, at node: LabPlan.Node) async throws -> Int64 {
    try #require(try await status(node)[name]?.integer, "status has no \(name)")
  }

  /// What a node has refused: peer, code and detail, a line each; empty when nothing.
  func refusals(at node: LabPlan.Node) throws -> String {
    try inside(node, "SELECT concat_ws(' ', peer, code, ledger, key, detail) FROM huijia.refused")
  }

  /// The state of a node's link with another.
  func linkState(_ node: LabPlan.Node, with peer: LabPlan.Node) async throws -> String? {
    try await status(node)["links"]?.elements
      .first { $0["peer"]?.text == "\(peer.node)" }?["state"]?.text
  }

  /// Asks again and again until the answer is yes; false when `seconds` went by.
  func becomesTrue(
    within seconds: Double, _ question: () async throws -> Bool
  ) async throws -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while true {
      if try await question() { return true }
      if clock.now >= end { return false }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Lets every link pass bytes and waits until all are live: a test that failed must not spoil the next.
  func healAll() async throws {
    for node in lab.plan.nodes where node.parent != nil { try lab.setLink(node, .open) }
    for node in lab.plan.nodes { try lab.start(node.node) }
    let report = try await lab.waitUntilLive(lab.plan.nodes, seconds: 30)
    try #require(report.problems.isEmpty, "\(report.problems.map { $0.report(in: .english) })")
  }

  /// Runs a test's story; the links and daemons are whole again afterwards, also when it failed.
  func story(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      try await healAll()
      throw error
    }
    try await healAll()
  }
}
