import PostgresStore
import ReplicationCore

/// The node's database: an existing one, or the node's own cluster, which is made and run here.
final class DaemonDatabase: Sendable {
  let conninfo: String
  let applicationRole: String
  private let cluster: ManagedCluster?

  /// Starts the managed cluster when no database is configured. Throws when it cannot.
  init(_ settings: NodeSettings) throws {
    switch settings.database {
    case .existing(let conninfo, let role):
      cluster = nil
      self.conninfo = conninfo
      applicationRole = role
    case .managed:
      let directory = "\(settings.stateDirectory)/postgres"
      let cluster = try ManagedCluster(directory: directory, socketDirectory: "\(directory)/run")
      try cluster.start()
      try cluster.make([.single])
      self.cluster = cluster
      conninfo = cluster.connection(
        to: ClusterDatabase.single.name, as: ClusterDatabase.single.daemonRole)
      applicationRole = ClusterDatabase.single.applicationRole
    }
  }

  /// Stops the managed cluster; an existing server is left alone.
  func stop() { try? cluster?.stop() }
}
