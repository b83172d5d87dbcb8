import Glibc

/// A private PostgreSQL cluster: data checksums, UTF-8, Unix socket only, never as root, `fsync` on.
///
/// Layout of `directory`: `data/` (the cluster), `log/server.log`, `secrets/` (password files, 0600).
/// Administration goes by `peer` and only for the two system users concerned; every other role by SCRAM.
package struct ManagedCluster: Sendable {
  package let directory: String
  package let socketDirectory: String
  /// How many databases it is to hold: sizes its memory and connections.
  package let databases: Int
  /// Whether PostgreSQL's own logical replication may run in it.
  package let isLogical: Bool
  package let binaries: PostgresBinaries
  package let user: ClusterUser

  /// Finds programs and user. Nothing is made yet. Throws when the installation or the user is missing, or the socket's path is too long.
  package init(
    directory: String, socketDirectory: String, databases: Int = 1, isLogical: Bool = false
  ) throws {
    self.directory = directory
    self.socketDirectory = socketDirectory
    self.databases = databases
    self.isLogical = isLogical
    binaries = try PostgresBinaries.find()
    user = try ClusterUser.choose()
    try LocalFile.checkSocketPath("\(socketDirectory)/.s.PGSQL.\(Self.port)")
  }

  /// The number in the socket's name; nothing listens on a network.
  package static let port = 5432

  package var data: String { "\(directory)/data" }
  package var log: String { "\(directory)/log/server.log" }
  package var secrets: String { "\(directory)/secrets" }

  /// The running postmaster of this cluster; nil when there is none, whatever a left-over pid file says.
  package var postmaster: ProcessIdentity? {
    guard let text = try? LocalFile.readText("\(data)/postmaster.pid"),
      let process = text.split(separator: "\n").first.flatMap({ pid_t($0) }),
      let identity = ProcessIdentity(of: process),
      let command = try? LocalFile.read("/proc/\(process)/cmdline")
    else { return nil }
    // A number in a pid file may belong to another program by now.
    let words = command.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return words.contains(data) ? identity : nil
  }

  /// Makes what is missing and starts the cluster; adopts it when it runs already. Returns when it accepts connections.
  ///
  /// Throws `cluster-unreachable-path`, `cluster-foreign`, `cluster-start-failed`.
  package func start() throws {
    try makeDirectories()
    if !LocalFile.exists("\(data)/PG_VERSION") { try initialise() }
    for _ in 0..<3 {
      if postmaster == nil { try launch() }
      if try waitUntilReady() { return }
    }
    throw OperatorError(
      .clusterStartFailed, ["path": data, "detail": "not ready in time", "log": log],
      status: .unreachable)
  }

  /// Stops the cluster: open transactions are rolled back, everything committed is on disk. Nothing to do when it does not run.
  package func stop() throws {
    guard postmaster != nil else { return }
    let stop = Program(
      binaries.path("pg_ctl"), ["stop", "-D", data, "-m", "fast", "-w", "-t", "60"])
    try user.runs(stop).runChecked()
  }

  private func launch() throws {
    try waitForOldProcesses()
    // The postmaster believes a left-over file when any process has that number, were it only the remains of one.
    unlink("\(data)/postmaster.pid")
    unlink("\(socketDirectory)/.s.PGSQL.\(Self.port).lock")
    try writeSettings(to: data)
    let start = Program(
      binaries.path("pg_ctl"), ["start", "-D", data, "-l", log, "-s", "-w", "-t", "60"])
    let outcome = try user.runs(start).run()
    guard outcome.status == 0 || postmaster != nil else {
      throw OperatorError(
        .clusterStartFailed, ["path": data, "detail": outcome.detail, "log": log],
        status: .unreachable)
    }
  }

  /// Waits until the processes of a killed postmaster have noticed and ended: two servers on one directory would destroy it.
  private func waitForOldProcesses() throws {
    for _ in 0..<300 {
      if !ProcessTable.isWorking(in: data) { return }
      usleep(50_000)
    }
    throw OperatorError(
      .clusterStartFailed,
      ["path": data, "detail": "processes of a killed server still run in it", "log": log],
      status: .unreachable)
  }

  /// Asks until it accepts connections; false when the postmaster went away meanwhile (an adopted one was stopping).
  private func waitUntilReady() throws -> Bool {
    let ask = Program(
      binaries.path("pg_isready"), ["-q", "-h", socketDirectory, "-p", "\(Self.port)"])
    for _ in 0..<600 {
      if try ask.run().status == 0 { return true }
      if postmaster == nil { return false }
      usleep(100_000)
    }
    return false
  }

  private func makeDirectories() throws {
    try LocalFile.makeDirectory(directory)
    try LocalFile.makeDirectory(secrets, mode: 0o700)
    for path in ["\(directory)/log", socketDirectory] {
      try LocalFile.makeDirectory(path)
      try user.take(path)
    }
    for path in [directory, socketDirectory] where !user.reaches(path) {
      throw OperatorError(
        .clusterUnreachablePath, ["user": user.name, "path": path], status: .usage)
    }
  }
}
