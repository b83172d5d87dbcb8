import DaemonKit
import ReplicationCore

/// One of the two chains of four databases that are measured beside each other.
protocol BenchChain {
  /// Name of the table, with its schema.
  var table: String { get }
  /// A connection string for an application at a place: 0 the village, 3 the region.
  func conninfo(at place: Int) throws -> String
  /// Lets only the first hop run, or all three.
  func setHops(_ count: Int) async throws
  /// Holds the receiving end of the first hop, or lets it run.
  func setReceiving(_ isOn: Bool) async throws
  /// Returns when all that was written is ready to be sent.
  func waitUntilReady() async throws
}

extension BenchChain {
  func session(at place: Int) throws -> BenchSession {
    try BenchSession(try conninfo(at: place), table: table)
  }
}

/// Huijia: village, town, county and region with a daemon each.
struct HuijiaChain: BenchChain {
  let lab: Lab
  let table = "ledger.\(BenchTable.name)"

  /// The nodes from the village up.
  var nodes: [LabPlan.Node] { lab.plan.nodes.reversed() }

  func conninfo(at place: Int) throws -> String { try lab.connection(to: nodes[place].node) }

  func setHops(_ count: Int) async throws {
    for (place, node) in nodes.enumerated() {
      if place <= count { try lab.start(node.node) } else { lab.stop(node.node) }
    }
    for node in nodes.prefix(count + 1) { _ = try await lab.waitUntilUp(node, seconds: 60) }
  }

  func setReceiving(_ isOn: Bool) async throws {
    if isOn { try lab.start(nodes[1].node) } else { lab.stop(nodes[1].node) }
  }

  func waitUntilReady() async throws {
    while true {
      let status = try await lab.daemon(of: nodes[0].node).call("status", limit: .seconds(20))
      if status["unsealed"]?.integer == 0 { return }
      try Interruption.check(lab.directory)
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Bytes that the village has sent over its link.
  func sentBytes() async throws -> Int {
    let status = try await lab.daemon(of: nodes[0].node).call("status", limit: .seconds(20))
    return Int(Lab.link(to: nodes[1].node, in: status)?["sent_bytes"]?.integer ?? 0)
  }

  /// A connection as the cluster's superuser.
  func administrator(at place: Int) throws -> BenchSession {
    let cluster = try lab.cluster()
    let name = lab.database(of: nodes[place].node).name
    return try BenchSession(cluster.administration(of: name), table: table)
  }
}

/// PostgreSQL's own logical replication over four databases of one cluster.
struct NativeChain: BenchChain {
  let cluster: ManagedCluster
  let table = "public.\(BenchTable.name)"

  private static let names = ["village", "town", "county", "region"]

  /// Makes and starts it in a directory. Over three hops subscribers wait for their disk: else each hop adds up to 200 ms.
  static func make(in directory: String, sockets: String) throws -> NativeChain {
    let cluster = try ManagedCluster(
      directory: directory, socketDirectory: sockets, databases: names.count, isLogical: true)
    try cluster.start()
    let chain = NativeChain(cluster: cluster)
    for (place, name) in names.enumerated() {
      try cluster.execute("CREATE DATABASE \(name)", database: "postgres")
      let session = try chain.session(at: place)
      try session.execute(BenchTable.definition(chain.table))
      try session.execute("CREATE PUBLICATION up FOR TABLE \(chain.table)")
      guard place > 0 else { continue }
      let below = try chain.session(at: place - 1)
      // A slot of the same cluster cannot be made by the subscription: it would wait for itself.
      try below.execute("SELECT pg_create_logical_replication_slot('to_\(name)', 'pgoutput')")
      try session.execute(
        """
        CREATE SUBSCRIPTION down CONNECTION '\(cluster.administration(of: names[place - 1]))'
        PUBLICATION up WITH (create_slot = false, slot_name = 'to_\(name)', copy_data = false,
          synchronous_commit = 'on')
        """)
    }
    return chain
  }

  func conninfo(at place: Int) throws -> String { cluster.administration(of: Self.names[place]) }

  func setHops(_ count: Int) async throws {
    // Throughput is measured as subscriptions are by default: waiting for the disk at every transaction is not what they do.
    let waits = count > 1 ? "on" : "off"
    for place in 1..<Self.names.count {
      try session(at: place).execute(
        "ALTER SUBSCRIPTION down SET (synchronous_commit = '\(waits)')")
      try set(place, place <= count)
    }
  }

  func setReceiving(_ isOn: Bool) async throws { try set(1, isOn) }

  func waitUntilReady() async throws {}

  private func set(_ place: Int, _ isOn: Bool) throws {
    let verb = isOn ? "ENABLE" : "DISABLE"
    try session(at: place).execute("ALTER SUBSCRIPTION down \(verb)")
  }
}
