package import ReplicationCore

/// What the peer is to this node.
package enum LinkRole: String, Sendable, Hashable {
  case parent
  case child
}

/// How far a link reaches.
package enum LinkLoop: String, Sendable, Hashable {
  /// Both ends inside one county (内循环).
  case inner
  /// Above the county (外循环).
  case outer

  /// The loop of the link between two nodes.
  package init(_ one: NodeID, _ other: NodeID) {
    let inside =
      one.code.level >= .county && other.code.level >= .county
      && one.code.truncated(to: .county) == other.code.truncated(to: .county)
    self = inside ? .inner : .outer
  }
}

extension NodeID {
  /// Whether `child` may hang somewhere below this node: a division inside this one, or a department of it.
  ///
  /// Which tiers exist is configuration, so the exact parent cannot be told from the codes; a department has no children.
  package func mayBeParent(of child: NodeID) -> Bool {
    guard slug.isEmpty, child != self, code.contains(child.code) else { return false }
    return child.code != code || !child.slug.isEmpty
  }
}
