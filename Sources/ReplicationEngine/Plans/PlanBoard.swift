package import ReplicationCore

/// All that came in of one plan, at the node that asked.
package struct PlanBoard: Sendable {
  /// How a node stands to the plan.
  package enum Standing: Sendable, Hashable {
    case asked
    case answered
    /// `heardAt`: microseconds since 1970 UTC; 0: not known.
    case unreachable(heardAt: UInt64)
    case tooOld
    /// Machine-readable, such as `policy`.
    case failed(String)
  }

  package let number: UInt64
  package private(set) var nodes: [NodeID: Standing]
  package private(set) var flows: [PlanFlow: PlanTally] = [:]
  /// Records that were looked at, at all nodes that have answered.
  package private(set) var looked: UInt64 = 0
  /// How many reports came.
  package private(set) var reports = 0

  package init(number: UInt64, asker: NodeID) {
    self.number = number
    nodes = [asker: .asked]
  }

  /// Whether nobody is waited for any more.
  package var isComplete: Bool { !nodes.values.contains(.asked) }
  package var answered: Int { nodes.values.lazy.filter { $0 == .answered }.count }

  /// Takes a report in.
  package mutating func take(_ report: PlanReport) {
    reports += 1
    switch report.content {
    case .roster(let entries): for entry in entries { take(entry) }
    case .figures(let figures):
      for figure in figures { flows[figure.flow, default: PlanTally()].add(figure.tally) }
    case .done(let more):
      looked += more
      nodes[report.node] = .answered
    case .failed(let reason): nodes[report.node] = .failed(reason)
    }
  }

  private mutating func take(_ entry: PlanReport.Entry) {
    switch entry.state {
    case .asked: if nodes[entry.node] == nil { nodes[entry.node] = .asked }
    case .tooOld: nodes[entry.node] = .tooOld
    case .unreachable:
      nodes[entry.node] = .unreachable(heardAt: entry.heardAt)
      // Whom it had asked is out of reach with it.
      for (node, standing) in nodes where standing == .asked && entry.node.mayBeParent(of: node) {
        nodes[node] = .unreachable(heardAt: 0)
      }
    }
  }
}
