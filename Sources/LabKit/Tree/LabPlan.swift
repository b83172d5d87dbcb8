package import DaemonKit
package import Governance
package import ReplicationCore

/// What was decided when a lab was made: kept in `lab.json`, so that every later command finds the same tree.
package struct LabPlan: Sendable {
  /// A node and its places on this machine.
  package struct Node: Sendable, Hashable {
    package let node: NodeID
    package let name: String
    package let tier: Tier
    package let parent: NodeID?
    /// Where the node listens for its children.
    package var listen: Int
    /// Where the node dials: the forwarder in front of its parent. 0 for the region.
    package var forward: Int
  }

  package let name: String
  package let title: String
  package let residents: Int
  /// A short directory for sockets: their paths may hold 107 bytes only.
  package let sockets: String
  /// Where the PostgreSQL cluster lives: within reach of the user that it runs as.
  package let cluster: String
  /// Parents before their children.
  package var nodes: [Node]
}

extension LabPlan {
  /// The plan as the document that is kept.
  package var document: JSON {
    [
      "version": 1, "name": .string(name), "title": .string(title),
      "residents": .integer(residents), "sockets": .string(sockets), "cluster": .string(cluster),
      "nodes": .array(
        nodes.map { node in
          [
            "node": .string("\(node.node)"), "name": .string(node.name),
            "tier": .string(node.tier.rawValue), "parent": .optional(node.parent.map { "\($0)" }),
            "listen": .integer(node.listen), "forward": .integer(node.forward),
          ]
        }),
    ]
  }

  /// Reads a kept plan; nil when the document is none.
  package init?(_ document: JSON) {
    guard let name = document["name"]?.text, let title = document["title"]?.text,
      let residents = document["residents"]?.integer, let sockets = document["sockets"]?.text,
      let cluster = document["cluster"]?.text
    else { return nil }
    var nodes: [Node] = []
    for entry in document["nodes"]?.elements ?? [] {
      guard let id = entry["node"]?.text.flatMap({ NodeID($0) }), let name = entry["name"]?.text,
        let tier = entry["tier"]?.text.flatMap({ Tier(rawValue: $0) }),
        let listen = entry["listen"]?.integer, let forward = entry["forward"]?.integer
      else { return nil }
      nodes.append(
        Node(
          node: id, name: name, tier: tier, parent: entry["parent"]?.text.flatMap { NodeID($0) },
          listen: Int(listen), forward: Int(forward)))
    }
    self.init(
      name: name, title: title, residents: Int(residents), sockets: sockets, cluster: cluster,
      nodes: nodes)
  }
}
