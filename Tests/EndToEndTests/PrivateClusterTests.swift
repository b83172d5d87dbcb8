import DaemonKit
import Glibc
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct PrivateClusters {
    @Test func `without a database the daemon makes its own, and finds its records there again`()
      async throws
    {
      let tree = try RealTree.running()
      let node = try LoneRegion(tree)
      defer { node.end() }
      let event = "0190a0b0-0000-7000-8000-000000001001"
      try await node.start()
      try node.psql(
        """
        INSERT INTO ledger.event (event_id, home, title, kind, level, state)
        VALUES ('\(event)', '450000000000', '演练', '1', '4', '1')
        """)
      let isSealed = try await tree.becomesTrue(within: 10) {
        try await node.daemon.call("status")["unsealed"]?.integer == 0
      }
      #expect(isSealed)
      try node.stop()
      #expect(throws: (any Error).self, "its cluster outlived the daemon") {
        try node.psql("SELECT 1")
      }

      try await node.start()
      #expect(try node.psql("SELECT title FROM ledger.event WHERE event_id = '\(event)'") == "演练\n")
      let trace = try await node.daemon.call("trace", ["ledger": "event", "key": .string(event)])
      #expect(trace.elements.contains { $0["signature"]?.text == "valid" })
      #expect(try await node.daemon.call("status")["feed_head"]?["urgent"]?.integer ?? 0 > 0)
      try node.stop()
    }

    @Test func `a check of the settings names every problem with its line, and changes nothing`()
      throws
    {
      let tree = try RealTree.running()
      let folder = "\(LocalFile.parent(of: tree.lab.directory))/checked"
      try LocalFile.makeDirectory(folder)
      let path = "\(folder)/node.yaml"
      try LocalFile.write(
        """
        node: "4501030010"
        name: 新竹街道
        tier: hamlet
        listn: 127.0.0.1:7300
        state_directory: state
        control: "c.sock"
        identity:
          root: nowhere.pem
          tls: {certificate: tls.pem, key: tls.key}
        parent: {node: "450103000000", address: "no-port"}

        """, to: path)
      let bad = try BuiltPrograms.runDaemon(["--check", "--config", path])
      #expect(bad.status == 2)
      #expect(bad.output == [])
      let text = String(decoding: bad.errors, as: UTF8.self)
      for place in ["node.yaml:1", "node.yaml:3", "node.yaml:4", "node.yaml:8", "node.yaml:10"] {
        #expect(text.contains(place), "nothing about \(place) in: \(text)")
      }
      #expect(text.contains("listen"), "the nearest known name is missing: \(text)")
      #expect(LocalFile.names(in: folder) == ["node.yaml"])

      let good = "\(tree.lab.directory)/nodes/\(tree.town.node)/node.yaml"
      #expect(try BuiltPrograms.runDaemon(["--check", "--config", good]).status == 0)
      #expect(try BuiltPrograms.runDaemon(["--check"]).status == 2)
      #expect(try BuiltPrograms.runDaemon(["--config", "\(folder)/none.yaml"]).status == 2)
    }
  }
}

/// A region's node that stands alone, with no database configured.
private final class LoneRegion {
  private let directory: String
  private var process: ProcessIdentity?

  init(_ tree: RealTree) throws {
    directory = "\(LocalFile.parent(of: tree.lab.directory))/alone"
    let identities = "\(tree.lab.directory)/identities"
    let own = "\(identities)/nodes/\(tree.region.node)"
    try LocalFile.makeDirectory("\(directory)/state")
    try LocalFile.write(
      """
      epoch: 1
      region: 450000000000
      tiers: [region]
      rules:
        - rule: region-keeps-events
          who: region
          ledger: event
          homes: own
          maintain: all
          create: true
          delete: true
          basis: 演练

      """, to: "\(directory)/scopes.yaml")
    try LocalFile.write(
      """
      node: "\(tree.region.node)"
      name: 广西壮族自治区
      state_directory: state
      control: c.sock
      identity:
        root: "\(identities)/root.pem"
        tls: {certificate: "\(own)/tls.pem", key: "\(own)/tls.key"}
        signing: {certificate: "\(own)/signing.pem", key: "\(own)/signing.key"}
      governance:
        catalog: "\(BuiltPrograms.root)/Config/ledgers"
        scopes: scopes.yaml
        policy: {certificate: "\(identities)/policy.pem", key: "\(identities)/policy.key"}

      """, to: "\(directory)/node.yaml")
  }

  var daemon: DaemonControl { DaemonControl(socket: "\(directory)/c.sock", language: .english) }

  /// Starts the daemon and waits until it has its ledgers.
  func start() async throws {
    process = ProcessIdentity(
      of: try Program(BuiltPrograms.daemon, ["--config", "\(directory)/node.yaml"])
        .startDetached(log: "\(directory)/log"))
    // A region that has nothing yet waits a minute for a child that may know it.
    for _ in 0..<900 {
      let status = try? await daemon.call("status", limit: .seconds(2))
      if status?["state"]?.text == "running" { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("not up: \((try? LocalFile.readText("\(directory)/log")) ?? "no log")")
  }

  /// SIGTERM, as a service manager sends it.
  func stop() throws {
    let process = try #require(process, "the daemon did not start")
    process.send(SIGTERM)
    #expect(process.waitForEnd(seconds: 20), "SIGTERM does not end the daemon")
  }

  /// Ends the daemon and its cluster after a failed test.
  func end() {
    process?.send(SIGKILL)
    _ = process?.waitForEnd(seconds: 5)
    try? cluster().stop()
  }

  private func cluster() throws -> ManagedCluster {
    let postgres = "\(directory)/state/postgres"
    return try ManagedCluster(directory: postgres, socketDirectory: "\(postgres)/run")
  }

  /// Runs SQL as an application.
  @discardableResult
  func psql(_ sql: String) throws -> String {
    let cluster = try cluster()
    let single = ClusterDatabase.single
    return try Program(
      cluster.binaries.path("psql"),
      [
        "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
        cluster.connection(to: single.name, as: single.applicationRole),
      ]
    ).runChecked(input: Array(sql.utf8))
  }
}
