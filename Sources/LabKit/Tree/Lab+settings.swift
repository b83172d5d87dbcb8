import DaemonKit
import Governance
import ReplicationCore

extension Lab {
  /// Writes every node's `node.yaml`.
  func writeSettings() throws {
    let cluster = try cluster()
    for node in plan.nodes {
      try LocalFile.makeDirectory("\(folder(of: node.node))/state", mode: 0o700)
      try LocalFile.write(
        settingsText(of: node, cluster), to: settings(of: node.node), mode: 0o600)
    }
  }

  private func settingsText(of node: LabPlan.Node, _ cluster: ManagedCluster) -> String {
    let database = database(of: node.node)
    let conninfo = cluster.connection(to: database.name, as: database.daemonRole)
    let identity = identity(of: node.node)
    var text = """
      # Written by huijia-lab; changes are lost at the next `huijia-lab up`.
      node: "\(node.node)"
      name: \(quote(node.name))
      tier: \(node.tier.rawValue)
      listen: 127.0.0.1:\(node.listen)
      state_directory: \(quote("\(folder(of: node.node))/state"))
      control: \(quote(control(of: node.node)))
      database:
        conninfo: \(quote(conninfo))
        application_role: \(database.applicationRole)
      identity:
        root: \(quote("\(identities)/root.pem"))
        tls:
          certificate: \(quote("\(identity)/tls.pem"))
          key: \(quote("\(identity)/tls.key"))
        signing:
          certificate: \(quote("\(identity)/signing.pem"))
          key: \(quote("\(identity)/signing.key"))

      """
    if let parent = node.parent {
      text += """
        parent:
          node: "\(parent)"
          address: 127.0.0.1:\(node.forward)

        """
    } else {
      text += """
        governance:
          catalog: \(quote(ledgers))
          scopes: \(quote(scopes))
          policy:
            certificate: \(quote("\(identities)/policy.pem"))
            key: \(quote("\(identities)/policy.key"))

        """
    }
    return text
  }

  /// A YAML scalar in double quotes.
  private func quote(_ text: String) -> String {
    var result = "\""
    for character in text {
      if character == "\"" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result + "\""
  }
}
