package import DaemonKit
package import ReplicationCore

/// A whole tree on one machine: real daemons, one PostgreSQL cluster, a forwarder on every link.
///
/// Everything lies in one directory; commands find the lab's processes by their command lines, so a crash leaves no stale pid.
package struct Lab: Sendable {
  /// Absolute.
  package let directory: String
  package let plan: LabPlan

  /// Opens a lab that was made before. Throws `lab-missing`.
  package static func open(_ directory: String) throws -> Lab {
    let directory = LocalFile.absolute(directory)
    guard let bytes = try? LocalFile.read("\(directory)/lab.json"),
      let document = try? JSON(parsing: bytes), let plan = LabPlan(document)
    else { throw OperatorError(.labMissing, ["path": directory], status: .usage) }
    return Lab(directory: directory, plan: plan)
  }

  /// A node of the lab by its id. Throws `lab-node-unknown`.
  package func node(_ id: String) throws -> LabPlan.Node {
    guard let node = plan.nodes.first(where: { "\($0.node)" == id || $0.node.fileName == id })
    else {
      throw OperatorError(.labNodeUnknown, ["node": id, "path": directory], status: .usage)
    }
    return node
  }

  /// The nodes at or below one, itself included.
  package func subtree(of node: NodeID) -> [LabPlan.Node] {
    plan.nodes.filter { other in
      var next: NodeID? = other.node
      while let id = next {
        if id == node { return true }
        next = plan.nodes.first { $0.node == id }?.parent
      }
      return false
    }
  }
}

extension Lab {
  package var logs: String { "\(directory)/logs" }
  var identities: String { "\(directory)/identities" }
  var ledgers: String { "\(directory)/governance/ledgers" }
  var scopes: String { "\(directory)/governance/scopes.yaml" }

  func folder(of node: NodeID) -> String { "\(directory)/nodes/\(node.fileName)" }
  func settings(of node: NodeID) -> String { "\(folder(of: node))/node.yaml" }
  package func identity(of node: NodeID) -> String { "\(identities)/nodes/\(node.fileName)" }

  /// The node's log: what its daemon writes on standard error.
  package func log(of node: NodeID) -> String { "\(logs)/\(node.fileName).log" }
  /// The node's control socket.
  package func control(of node: NodeID) -> String { "\(plan.sockets)/\(node.fileName).sock" }
  var forwarderSocket: String { "\(plan.sockets)/forward.sock" }
  var forwarderLog: String { "\(logs)/forward.log" }

  /// The database of a node, and its two roles.
  package func database(of node: NodeID) -> ClusterDatabase {
    let name = node.fileName.map { $0.isLetter || $0.isNumber ? $0 : "_" }
    let word = String(name)
    return ClusterDatabase(
      name: "huijia_\(word)", daemonRole: "daemon_\(word)", applicationRole: "app_\(word)")
  }

  /// The lab's PostgreSQL cluster.
  package func cluster() throws -> ManagedCluster {
    try ManagedCluster(
      directory: plan.cluster, socketDirectory: "\(plan.sockets)/pg", databases: plan.nodes.count)
  }

  /// A libpq connection string for applications at a node.
  package func connection(to node: NodeID) throws -> String {
    let database = database(of: node)
    return try cluster().connection(to: database.name, as: database.applicationRole)
  }

  /// Asks a node's daemon.
  package func daemon(of node: NodeID) -> DaemonControl {
    DaemonControl(socket: control(of: node), language: .current)
  }
}
