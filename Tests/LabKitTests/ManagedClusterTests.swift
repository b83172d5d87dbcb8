import DaemonKit
import Glibc
import Testing

@Suite("The managed cluster", .serialized)
struct ManagedClusterTests {
  @Test(
    "A cluster is made, adopted, survives SIGKILL and a stale pid file, and lets nobody in without a password"
  )
  func life() throws {
    let scratch = try Scratch()
    let cluster = try ManagedCluster(
      directory: scratch.path("cluster"), socketDirectory: scratch.path("run"), databases: 2)
    try cluster.start()
    defer { cluster.postmaster?.send(SIGQUIT) }
    let one = ClusterDatabase(name: "one", daemonRole: "daemon_one", applicationRole: "app_one")
    let two = ClusterDatabase(name: "two", daemonRole: "daemon_two", applicationRole: "app_two")
    try cluster.make([one, two])
    try cluster.make([one, two])

    let settings = try cluster.execute(
      """
      SELECT string_agg(current_setting(s), ' ' ORDER BY s) FROM unnest(array['data_checksums',
        'fsync', 'listen_addresses', 'lc_collate', 'server_encoding', 'synchronous_commit']) s
      """, database: "postgres")
    #expect(settings == "on on C.UTF-8  UTF8 on\n")
    #expect(LocalFile.owner(of: cluster.data) == (geteuid() == 0 ? cluster.user.user : geteuid()))

    // Each role enters its own database with its password, no other, and nobody without one.
    #expect(try ask(cluster, cluster.connection(to: "one", as: "app_one")) == "app_one\n")
    #expect(try ask(cluster, cluster.connection(to: "one", as: "daemon_one")) == "daemon_one\n")
    #expect(try ask(cluster, cluster.connection(to: "two", as: "app_one")) == nil)
    let naked = "host=\(cluster.socketDirectory) dbname=one user=app_one passfile=/dev/null"
    #expect(try ask(cluster, naked) == nil)

    // An orderly start finds it running.
    let first = try #require(cluster.postmaster)
    try cluster.start()
    #expect(cluster.postmaster == first)

    first.send(SIGKILL)
    #expect(first.waitForEnd(seconds: 10))
    // The dead postmaster's number belongs to another program now: ours.
    let path = "\(cluster.data)/postmaster.pid"
    var lines = try LocalFile.readText(path).split(separator: "\n").map(String.init)
    lines[0] = "\(getpid())"
    try LocalFile.write(lines.joined(separator: "\n") + "\n", to: path)
    #expect(cluster.postmaster == nil)
    try cluster.start()
    #expect(try ask(cluster, cluster.connection(to: "one", as: "app_one")) == "app_one\n")

    try cluster.stop()
    #expect(cluster.postmaster == nil)
  }

  @Test("The daemon's role may set what apply needs, the application's may not")
  func parameters() throws {
    let scratch = try Scratch()
    let cluster = try ManagedCluster(
      directory: scratch.path("cluster"), socketDirectory: scratch.path("run"))
    try cluster.start()
    defer { cluster.postmaster?.send(SIGQUIT) }
    try cluster.make([.single])
    let set = "SET session_replication_role = replica; SET deadlock_timeout = '10ms'; SELECT 1"
    let daemon = cluster.connection(to: "huijia", as: "huijia")
    let application = cluster.connection(to: "huijia", as: "huijia_app")
    #expect(try ask(cluster, daemon, set) == "1\n")
    #expect(try ask(cluster, application, set) == nil)
  }

  @Test("A directory with something else in it is left alone")
  func foreign() throws {
    let scratch = try Scratch()
    try LocalFile.makeDirectory(scratch.path("cluster/data"))
    try LocalFile.write("mine", to: scratch.path("cluster/data/letter"))
    let cluster = try ManagedCluster(
      directory: scratch.path("cluster"), socketDirectory: scratch.path("run"))
    let error = try #require(throws: OperatorError.self) { try cluster.start() }
    #expect(error.message.code == "cluster-foreign")
    #expect(try LocalFile.readText(scratch.path("cluster/data/letter")) == "mine")
  }

  /// A query's output; nil when the server refused.
  private func ask(
    _ cluster: ManagedCluster, _ connection: String, _ sql: String = "SELECT current_user"
  ) throws -> String? {
    let psql = Program(
      cluster.binaries.path("psql"),
      ["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", sql])
    let outcome = try psql.run()
    return outcome.status == 0 ? outcome.text : nil
  }
}
