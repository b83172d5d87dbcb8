package import DaemonKit
package import ReplicationCore

extension Lab {
  /// How an `up` ended.
  package struct UpReport: Sendable {
    package let nodes: Int
    package let liveLinks: Int
    /// What is not as it should be; empty when all is well.
    package let problems: [OperatorError]
  }

  /// Makes what is missing and starts everything, or only the nodes named; returns when every link between running nodes is live, or when none has moved for `seconds`.
  ///
  /// `say` is told what happens. May run again at any time: what is there and runs is left alone.
  package static func up(
    _ directory: String, spec: String?, only: [String] = [], seconds: Double = 60,
    say: @Sendable (Phrase) -> Void
  ) async throws -> (Lab, UpReport) {
    var lab = try make(directory, spec: spec)
    let lock = try DirectoryLock(lab.directory)
    defer { lock.release() }
    let wanted = only.isEmpty ? lab.plan.nodes : try only.map { try lab.node($0) }
    var running = lab.runningDaemons()
    if running.isEmpty, lab.forwarder == nil {
      lab = lab.withFreePorts()
      try lab.keepPlan()
    }
    say(Phrase("证书……", "certificates …"))
    try lab.makeIdentities()
    say(Phrase("数据库集群……", "database cluster …"))
    let cluster = try lab.cluster()
    try cluster.start()
    try cluster.make(lab.plan.nodes.map { lab.database(of: $0.node) })
    try lab.startForwarder()
    if running.isEmpty { try lab.writeSettings() }
    say(Phrase("守护进程……", "daemons …"))
    for node in wanted where running[node.node] == nil {
      running[node.node] = try lab.start(node.node)
    }
    let report = try await lab.waitUntilLive(wanted, seconds: seconds)
    return (lab, report)
  }

  /// Waits until every link between running nodes is live at both ends; `seconds` is how long none of them may move.
  ///
  /// `isExpected` says of which links, by child and parent.
  package func waitUntilLive(
    _ wanted: [LabPlan.Node], seconds: Double,
    isExpected: (NodeID, NodeID) -> Bool = { _, _ in true }
  ) async throws -> UpReport {
    let clock = ContinuousClock()
    var end = clock.now + .seconds(seconds)
    var watch = CatchUpWatch()
    // A daemon that has only just been forked does not show yet, and its program may have to be read from a slow disk first.
    let shown = clock.now + .seconds(min(seconds, 5))
    while true {
      let running = runningDaemons()
      let statuses = await statuses(of: Set(running.keys))
      if watch.hasMoved(statuses) { end = clock.now + .seconds(seconds) }
      var problems: [OperatorError] = []
      var dead = false
      // A node without a policy has no ledgers yet.
      let isUp = { (node: NodeID) in
        statuses[node].map { $0["state"]?.text != "waiting_for_policy" } ?? false
      }
      for node in wanted where !isUp(node.node) {
        let values = ["node": "\(node.node)", "log": log(of: node.node)]
        problems.append(OperatorError(.labNodeNotUp, values, status: .checkFailed))
        dead = dead || running[node.node] == nil
      }
      var live = 0
      for node in plan.nodes {
        guard let parent = node.parent, let below = statuses[node.node],
          let above = statuses[parent], isExpected(node.node, parent)
        else { continue }
        if let problem = linkProblem(node.node, below, parent, above) {
          problems.append(problem)
        } else {
          live += 1
        }
      }
      // A daemon that ended will not come back by waiting.
      let isOver = clock.now >= end || Interruption.happened
      if problems.isEmpty || isOver || (dead && clock.now >= shown) {
        return UpReport(nodes: statuses.count, liveLinks: live, problems: problems)
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Waits until a node answers and its links to running neighbours that are not cut are live; returns what is not.
  package func waitUntilUp(
    _ node: LabPlan.Node, seconds: Double
  ) async throws -> [OperatorError] {
    let cuts = (try? forwarderStates()) ?? [:]
    let report = try await waitUntilLive([node], seconds: seconds) { child, parent in
      (child == node.node || parent == node.node) && (cuts[child] ?? .open) == .open
    }
    return report.problems
  }

  private func linkProblem(
    _ child: NodeID, _ below: JSON, _ parent: NodeID, _ above: JSON
  ) -> OperatorError? {
    let states = [(below, parent), (above, child)].map { document, peer in
      Self.link(to: peer, in: document)?["state"]?.text ?? "connecting"
    }
    guard let state = states.first(where: { $0 != "live" }) else { return nil }
    let values = [
      "node": "\(child)", "parent": "\(parent)", "state": state, "log": log(of: child),
    ]
    return OperatorError(.labLinkNotLive, values, status: .checkFailed)
  }

  /// The entry of a status document for one link; nil when it has none.
  static func link(to peer: NodeID, in status: JSON) -> JSON? {
    status["links"]?.elements.first { $0["peer"]?.text == "\(peer)" }
  }

  /// Asks several daemons at once for their status; those that do not answer are missing in the result.
  package func statuses(of nodes: Set<NodeID>) async -> [NodeID: JSON] {
    await withTaskGroup(of: (NodeID, JSON?).self) { group in
      for node in nodes {
        let daemon = daemon(of: node)
        group.addTask { (node, try? await daemon.call("status", limit: .seconds(5))) }
      }
      var result: [NodeID: JSON] = [:]
      for await (node, document) in group { result[node] = document }
      return result
    }
  }
}
