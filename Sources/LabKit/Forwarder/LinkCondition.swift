/// What the forwarder does on one link.
package enum LinkCondition: String, Sendable, CaseIterable {
  /// Passes bytes both ways.
  case open
  /// Resets connections, and every new one.
  case reset
  /// Keeps connections and passes nothing, as if packets vanished.
  case silent
}

/// One link: where the child dials, and where its parent listens.
package struct ForwardedLink: Sendable, Hashable {
  /// The child's id, as file names write it.
  package let name: String
  package let listen: Int
  package let target: Int

  /// Makes a link between two loopback ports.
  package init(name: String, listen: Int, target: Int) {
    self.name = name
    self.listen = listen
    self.target = target
  }
}
