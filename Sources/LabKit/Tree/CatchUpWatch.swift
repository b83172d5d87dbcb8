package import DaemonKit
package import ReplicationCore

/// Tells whether catch-ups by state go on: who waits for a link is bounded by how long nothing moves, not by how much there is.
package struct CatchUpWatch {
  private var furthest: [NodeID: [String: Int64]] = [:]

  package init() {}

  /// Takes note of the nodes' status documents; whether a link has more records behind it than at any look before.
  ///
  /// A catch-up that begins again and again from its start moves nothing.
  package mutating func hasMoved(_ statuses: [NodeID: JSON]) -> Bool {
    var hasMoved = false
    for (node, status) in statuses {
      for link in status["links"]?.elements ?? [] {
        guard let peer = link["peer"]?.text, let done = link["catch_up"]?["done"]?.integer else {
          continue
        }
        if done > furthest[node]?[peer] ?? 0 {
          furthest[node, default: [:]][peer] = done
          hasMoved = true
        }
      }
    }
    return hasMoved
  }
}
