import DaemonKit
package import Governance
package import ReplicationCore

/// What a lab is made of: the tree's nodes, and the documents that its region signs.
package struct LabSpec: Sendable {
  /// A node of the tree, as the spec names it.
  package struct Node: Sendable, Hashable {
    package let node: NodeID
    package let name: String
    package let tier: Tier
    /// Nil for the region.
    package let parent: NodeID?
  }

  package let name: String
  package let title: String
  /// A directory of ledger declarations; absolute.
  package let ledgers: String
  /// The scopes file; absolute.
  package let scopes: String
  /// How many synthetic residents the demo loads.
  package let residents: Int
  /// Parents before their children.
  package let nodes: [Node]
}
