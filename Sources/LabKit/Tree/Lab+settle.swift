package import DaemonKit
import ReplicationCore

extension Lab {
  /// How a `settle` ended.
  package struct SettleReport: Sendable {
    package let isSettled: Bool
    /// What is still open: counts per node and link, as JSON.
    package let open: [JSON]
    /// Nodes that do not run and links that are cut: nothing is waited for there.
    package let absent: [OperatorError]
  }

  /// Waits until nothing is unsealed, unsent, unacknowledged, parked or still to be erased between running, connected nodes.
  ///
  /// Two looks in a row must agree, with no feed grown in between: what is on its way between two nodes is in one of their counts at either look.
  package func settle(seconds: Double) async throws -> SettleReport {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var before: [NodeID: JSON] = [:]
    while true {
      let running = Set(runningDaemons().keys)
      let cuts = (try? forwarderStates()) ?? [:]
      let statuses = await statuses(of: running)
      var open: [JSON] = []
      for node in plan.nodes where running.contains(node.node) {
        open += self.open(at: node, statuses, cuts)
      }
      let heads = statuses.mapValues { $0["feed_head"] ?? .null }
      if open.isEmpty, heads == before {
        return SettleReport(isSettled: true, open: [], absent: absent(running, cuts))
      }
      if clock.now >= end || Interruption.happened {
        return SettleReport(isSettled: false, open: open, absent: absent(running, cuts))
      }
      before = open.isEmpty ? heads : [:]
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// What one node still has to do, leaving out links that nobody can bring up now.
  private func open(
    at node: LabPlan.Node, _ statuses: [NodeID: JSON], _ cuts: [NodeID: LinkCondition]
  ) -> [JSON] {
    guard let status = statuses[node.node] else {
      return [["node": .string("\(node.node)"), "state": "unreachable"]]
    }
    var open: [JSON] = []
    for count in ["unsealed", "parked", "to_erase"] {
      if let number = status[count]?.integer, number > 0 {
        open.append(["node": .string("\(node.node)"), count: .integer(number)])
      }
    }
    for neighbour in plan.nodes {
      let isChild = neighbour.parent == node.node
      guard isChild || node.parent == neighbour.node, statuses[neighbour.node] != nil else {
        continue
      }
      let cut = cuts[isChild ? neighbour.node : node.node] ?? .open
      guard cut == .open else { continue }
      if let still = Self.stillOpen(node.node, neighbour.node, status) { open.append(still) }
    }
    return open
  }

  private static func stillOpen(_ node: NodeID, _ peer: NodeID, _ status: JSON) -> JSON? {
    let link = link(to: peer, in: status)
    let state = link?["state"]?.text ?? "connecting"
    let toSend = link?["to_send"]?.integer ?? 0
    let unacked = link?["unacked"]?.integer ?? 0
    guard state != "live" || toSend > 0 || unacked > 0 else { return nil }
    return [
      "node": .string("\(node)"), "peer": .string("\(peer)"), "state": .string(state),
      "to_send": .integer(toSend), "unacked": .integer(unacked),
    ]
  }

  private func absent(
    _ running: Set<NodeID>, _ cuts: [NodeID: LinkCondition]
  ) -> [OperatorError] {
    let stopped = plan.nodes.filter { !running.contains($0.node) }.map {
      OperatorError(.labNodeStopped, ["node": "\($0.node)"], status: .checkFailed)
    }
    let cut = plan.nodes.compactMap { node in
      cuts[node.node].flatMap { condition in
        condition == .open
          ? nil
          : OperatorError(
            .labLinkCut, ["node": "\(node.node)", "kind": condition.rawValue],
            status: .checkFailed)
      }
    }
    return stopped + cut
  }
}
