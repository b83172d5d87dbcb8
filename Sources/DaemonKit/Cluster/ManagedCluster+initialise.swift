import Glibc

extension ManagedCluster {
  /// Makes the cluster beside its place and moves it there when it is whole: a crash half-way leaves nothing that looks like one.
  func initialise() throws {
    if LocalFile.exists(data), !LocalFile.names(in: data).isEmpty {
      throw OperatorError(.clusterForeign, ["path": data], status: .usage)
    }
    let partial = "\(directory)/data.partial"
    try Program("/bin/rm", ["-rf", partial]).runChecked()
    try LocalFile.makeDirectory(partial, mode: 0o700)
    try user.take(partial)
    let initdb = Program(
      binaries.path("initdb"),
      [
        "--pgdata=\(partial)", "--username=\(Self.superuser)", "--encoding=UTF8",
        "--locale=C.UTF-8", "--data-checksums", "--auth=peer", "--no-instructions",
      ])
    try user.runs(initdb).runChecked()
    try write(
      "\n# What this cluster is told lies in its own file, written anew at every start.\n"
        + "include 'huijia.conf'\n",
      appendingTo: "\(partial)/postgresql.conf")
    try writeSettings(to: partial)
    rmdir(data)
    guard rename(partial, data) == 0 else {
      throw OperatorError(
        .fileUnwritable, ["path": data, "reason": LocalFile.lastReason], status: .usage)
    }
  }

  /// The role that administers the cluster, over the socket, by system user only.
  package static let superuser = "postgres"

  /// Writes settings and access rules into a cluster's directory.
  func writeSettings(to data: String) throws {
    try write(settings, to: "\(data)/huijia.conf")
    try write(Self.accessRules, to: "\(data)/pg_hba.conf")
    let owners = user.owners.map { "owner \"\($0)\" \(Self.superuser)\n" }
    try write(owners.joined(), to: "\(data)/pg_ident.conf")
  }

  /// Never `trust`: a socket is reachable for every user of the machine.
  private static let accessRules = """
    # type  database  user  method
    local   all       \(superuser)  peer map=owner
    local   all       all   scram-sha-256

    """

  /// Sized for many small databases on a small machine. Durability is left on everywhere.
  private var settings: String {
    """
    listen_addresses = ''
    port = \(Self.port)
    unix_socket_directories = '\(socketDirectory)'
    unix_socket_permissions = 0777
    password_encryption = 'scram-sha-256'
    max_connections = \(40 + 14 * databases)
    superuser_reserved_connections = 5
    shared_buffers = \(min(512, 64 + 16 * databases))MB
    work_mem = 8MB
    maintenance_work_mem = 64MB
    max_parallel_workers_per_gather = 0
    jit = off
    fsync = on
    full_page_writes = on
    synchronous_commit = on
    wal_level = \(isLogical ? "logical" : "replica")
    max_wal_senders = \(isLogical ? 10 : 0)
    max_wal_size = 1GB
    min_wal_size = 128MB
    checkpoint_timeout = 15min
    timezone = 'UTC'
    log_timezone = 'UTC'
    lc_messages = 'C'
    log_line_prefix = '%m [%p] %d '
    # No value of a record may reach a log: no statements, parameters, details or contexts.
    log_statement = 'none'
    log_min_error_statement = panic
    log_error_verbosity = terse
    log_parameter_max_length = 0
    log_parameter_max_length_on_error = 0

    """
  }

  private func write(_ text: String, to path: String) throws {
    try LocalFile.write(text, to: path, mode: 0o600)
    try user.take(path)
  }

  private func write(_ text: String, appendingTo path: String) throws {
    try write(try LocalFile.readText(path) + text, to: path)
  }
}
