import DaemonKit
import Glibc
import Synchronization

/// The one private cluster of a test process: started when first asked for, stopped and removed when the process exits.
enum TestCluster {
  private static let started: Result<ManagedCluster, any Error> = Result { try start() }
  private static let made = Mutex(0)

  static func get() throws -> ManagedCluster { try started.get() }

  /// Makes an empty database with its two roles.
  static func freshDatabase(of daemonRole: String) throws -> ClusterDatabase {
    let cluster = try get()
    return try made.withLock { count in
      count += 1
      let database = ClusterDatabase(
        name: "t\(count)", daemonRole: daemonRole, applicationRole: "huijia_app")
      try cluster.make([database])
      return database
    }
  }

  private static func start() throws -> ManagedCluster {
    var template = Array("/tmp/hjtXXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CannotMakeDirectory() }
    let directory = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // As root the cluster runs as another user, who has to get in.
    chmod(directory, 0o755)
    let cluster = try ManagedCluster(
      directory: directory, socketDirectory: "\(directory)/s", databases: 12)
    try cluster.start()
    if getenv("HUIJIA_MEASURE") == nil {
      try cluster.execute("ALTER SYSTEM SET fsync = off", database: "postgres")
      try cluster.execute("SELECT pg_reload_conf()", database: "postgres")
    }
    atexit { TestCluster.remove() }
    return cluster
  }

  private static func remove() {
    guard let cluster = try? started.get() else { return }
    // Nothing of it is kept: no need to write out what some dozen databases hold.
    let stop = Program(
      cluster.binaries.path("pg_ctl"), ["stop", "-D", cluster.data, "-m", "immediate", "-w"])
    _ = try? cluster.user.runs(stop).run()
    // Thousands of small files: removed behind the process, which need not wait for it.
    _ = try? Program("/bin/sh", ["-c", "rm -rf '\(cluster.directory)' >/dev/null 2>&1 &"]).run()
  }

  struct CannotMakeDirectory: Error {}
}
