/// How a torture run is made.
package struct TortureSettings: Sendable {
  /// Where the lab lies; made by the run.
  package let directory: String
  /// A spec file; nil: the lab's default.
  package let spec: String?
  /// Only these nodes run; empty: all.
  package let nodes: [String]
  /// Chooses records, fields, values and faults. How the processes interleave it cannot choose.
  package let seed: UInt64
  /// How long writers and faults go on.
  package let seconds: Double
  /// How long a writer rests between two transactions, at most.
  package let pauseMilliseconds: Int
  /// Whether one key is registered at several nodes at once, and again where it moved away; without it only where it was deleted.
  package let hasRivals: Bool
  /// What is lost on purpose, to show that the check sees it; nil: nothing.
  package let loss: TortureLoss?

  /// Makes settings; see the properties.
  package init(
    directory: String, spec: String? = nil, nodes: [String] = [], seed: UInt64, seconds: Double,
    pauseMilliseconds: Int = 120, hasRivals: Bool = true, loss: TortureLoss? = nil
  ) {
    self.directory = directory
    self.spec = spec
    self.nodes = nodes
    self.seed = seed
    self.seconds = seconds
    self.pauseMilliseconds = max(1, pauseMilliseconds)
    self.hasRivals = hasRivals
    self.loss = loss
  }
}

/// A loss made on purpose: a check that cannot fail proves nothing.
package enum TortureLoss: String, Sendable, CaseIterable {
  /// Committed writes of a village vanish from its outbox before they are sealed.
  case outbox
  /// A sealed value stands changed in one node's table.
  case value
  /// A row vanishes from one node's table.
  case row
}
