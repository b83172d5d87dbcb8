package import ReplicationCore

/// What a node is and how it keeps its links.
package struct NodeSettings: Sendable, Hashable {
  package var node: NodeID
  /// Nil: the root of the tree.
  package var parent: NodeID?
  package var link = LinkSettings()
  /// Captured writes that one transaction seals.
  package var sealRows = 4096
  /// Transactions that seal what was written before a new policy is adopted, at most.
  package var sealPasses = 1000
  /// How often the sealer looks although nobody signalled a write: a signal may be lost with its connection.
  package var sealInterval = Duration.seconds(1)
  /// Between tries of parked items.
  package var parkedInterval = Duration.seconds(1)
  /// Parked items that one transaction tries.
  package var parkedLimit = 500
  /// Between runs of `trim`.
  package var trimInterval = Duration.seconds(10)
  /// The least time between two runs of `trim`: what a withdrawal took is erased soon after it was acknowledged.
  package var trimPause = Duration.milliseconds(250)
  /// Rows of what came home that are kept for applications, about; the oldest go first.
  package var keptArrivals = 100_000
  /// How long they are kept.
  package var arrivalAge = Duration.seconds(90 * 86_400)
  /// How long receipts of hand-overs are kept: a child that was away for longer is told that its values are not known to be safe, and keeps them.
  package var receiptAge = Duration.seconds(3_650 * 86_400)
  /// Between looks whether the parent is to be asked about archived values.
  package var handoverInterval = Duration.seconds(1)
  /// The longest time between two questions about one row.
  package var handoverLimit = Duration.seconds(3600)
  /// Between two comparisons of the link with the parent by digest, jittered by half; nil: only when asked.
  package var verifyInterval: Duration? = .seconds(6 * 3600)
  /// Before the first comparison; jittered likewise.
  package var firstVerification = Duration.seconds(300)
  /// The bounds of the time between two dials; jittered.
  package var backoff = Backoff.Bounds()
  /// A link that lived so long ends a row of failures.
  package var healthyAfter = Duration.seconds(2)
  /// How long draining may take before the links are cut.
  package var drainLimit = Duration.seconds(10)
  /// How often the high-water file learns the feed's positions when nothing is signed.
  package var highWaterInterval = Duration.seconds(1)
  /// How long a root without a high-water file waits for a child that may know more of it.
  package var rootPatience = Duration.seconds(60)
  /// A parent's clock that is nearer than this is not corrected for: it could be the line's delay.
  package var clockTolerance = Duration.milliseconds(500)

  package init(node: NodeID, parent: NodeID?) {
    self.node = node
    self.parent = parent
  }
}
