package import ReplicationCore

/// Where nodes hang, by their codes and the tiers that there are.
package struct AdministrativeTree: Sendable {
  /// Which levels have nodes of their own, from the region down.
  package let tiers: [DivisionLevel]

  package init(tiers: [DivisionLevel]) { self.tiers = tiers }

  /// The parent: for a department its division's own node, else the nearest tier above; nil for the region.
  ///
  /// Zeros within a code count: a town of a city without counties hangs at the city.
  package func parent(of node: NodeID) -> NodeID? {
    if !node.slug.isEmpty { return NodeID(code: node.code) }
    for level in tiers.reversed() where level < node.code.level {
      let code = node.code.truncated(to: level)
      if code.level == level { return NodeID(code: code) }
    }
    return nil
  }

  /// The node itself and all above it, upwards.
  package func ascent(from node: NodeID) -> [NodeID] {
    var path = [node]
    while let last = path.last, let next = parent(of: last) { path.append(next) }
    return path
  }

  /// The way from one node to another: up to where their ways meet, then down. Nil when they have no common ancestor.
  package func path(from a: NodeID, to b: NodeID) -> (up: [NodeID], down: [NodeID])? {
    let left = ascent(from: a)
    let right = ascent(from: b)
    for (i, node) in left.enumerated() {
      guard let j = right.firstIndex(of: node) else { continue }
      return (Array(left[...i]), right[..<j].reversed())
    }
    return nil
  }
}
