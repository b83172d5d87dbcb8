package import Governance
package import PeerTransport
package import ReplicationCore
package import ReplicationEngine

/// What a daemon is told by its `node.yaml`. All paths are absolute.
package struct NodeSettings: Sendable {
  package var node: NodeID
  /// The division's own name, for people.
  package var name: String
  package var tier: Tier
  /// Nil at the root of the tree.
  package var parent: Parent?
  /// Where children dial; port 0 lets the system choose. Nil: no children.
  package var listen: PeerAddress?
  package var stateDirectory: String
  package var controlSocket: String
  package var database: Database
  package var identity: Identity
  /// At the root of the tree only: what it signs and hands down.
  package var governance: Governance?
  package var logLevel: LogLevel
  package var limits: Limits

  /// The node above, and where to dial it.
  package struct Parent: Sendable, Hashable {
    package var node: NodeID
    package var address: PeerAddress
  }

  /// Where the records are kept.
  package enum Database: Sendable, Hashable {
    /// A private cluster under the state directory.
    case managed
    /// An existing server: a libpq connection string, and the role that applications use.
    case existing(conninfo: String, applicationRole: String)
  }

  /// A certificate chain and its private key, both PEM files.
  package struct KeyPair: Sendable, Hashable {
    package var certificate: String
    package var key: String
  }

  /// Who this node is.
  package struct Identity: Sendable, Hashable {
    /// The region's root certificate, PEM.
    package var root: String
    package var tls: KeyPair
    package var signing: KeyPair
    /// The private key for hand-overs; made at the first start.
    package var handover: String
  }

  /// The documents that the region's node signs.
  package struct Governance: Sendable, Hashable {
    /// A directory of ledger declarations, `*.yaml`.
    package var catalog: String
    package var scopes: String
    package var policy: KeyPair
  }

  /// Which log lines are written.
  package enum LogLevel: String, Sendable, CaseIterable { case debug, info, warning, error }

  /// Bounds; the defaults fit a village's PC.
  package struct Limits: Sendable, Hashable {
    /// How many sent bytes may wait for an acknowledgement, per link and lane.
    package var unacknowledgedBytes = 2 * 1024 * 1024
    /// Feed entries of a lane that are kept for absent peers, about 100 bytes each beside the batches; past it they catch up by state.
    package var feedKeptEntries = 5_000_000
    /// Open rows of the hand-over archive above which `status` warns; nothing is ever dropped.
    package var handoverRows = 100_000
    /// Rows that make a full batch.
    package var sealRows = 4_096
    /// Rows of what came home that are kept for applications, about.
    package var cameHomeRows = 100_000
    /// Days that they are kept.
    package var cameHomeDays = 90
    /// How long receipts of hand-overs are kept.
    package var handoverReceiptDays = 3_650
    /// Between two comparisons of the link with the parent by digest, in minutes; 0: only when asked.
    package var verifyMinutes = 360
    /// What one child may send in a minute.
    package var intake = IntakeLimits()
  }
}
