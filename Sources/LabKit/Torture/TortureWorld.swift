import DaemonKit
import Governance
import PostgresStore
import ReplicationCore

/// The tree under torture and what all parts of the run share.
struct TortureWorld: Sendable {
  let lab: Lab
  /// The nodes that run, parents first.
  let nodes: [LabPlan.Node]
  let catalog: Catalog
  let policy: CompiledPolicy
  /// What nodes may hold.
  var views: WithheldMasks { WithheldMasks(policy) }
  let journal = TortureJournal()
  let seed: UInt64
  /// See `TortureSettings.hasRivals`.
  let hasRivals: Bool

  init(_ lab: Lab, nodes: [LabPlan.Node], seed: UInt64, hasRivals: Bool) throws {
    self.lab = lab
    self.nodes = nodes
    self.seed = seed
    self.hasRivals = hasRivals
    catalog = try Catalog(directory: lab.ledgers)
    policy = try CompiledPolicy(
      try LocalFile.read(lab.scopes), catalog: catalog, file: lab.scopes)
  }

  /// A connection string for the daemon's own role at a node: it sees conflicts, quarantine and archive.
  func inside(_ node: NodeID) throws -> String {
    let names = lab.database(of: node)
    return try lab.cluster().connection(to: names.name, as: names.daemonRole)
  }

  /// A node's records as its store reads them.
  func store(_ node: NodeID) throws -> PostgresStore {
    let store = PostgresStore(conninfo: try inside(node), readers: 1)
    store.use(catalog)
    return store
  }

  /// The villages of the tree that runs.
  var villages: [DivisionCode] { nodes.filter { $0.tier == .village }.map(\.node.code) }

  /// The villages at or below a node, or below the division that a department serves.
  func villages(of node: LabPlan.Node) -> [DivisionCode] {
    villages.filter { node.node.code.contains($0) }
  }
}
