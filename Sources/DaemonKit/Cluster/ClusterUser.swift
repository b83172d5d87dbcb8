package import Glibc

/// The system user that a cluster runs as. PostgreSQL refuses to run as root.
package struct ClusterUser: Sendable, Hashable {
  package let name: String
  package let user: uid_t
  package let group: gid_t

  /// This process's own user; as root, `postgres` or else `huijia`. Throws `cluster-user-missing`.
  package static func choose() throws -> Self {
    if geteuid() != 0, let own = named(geteuid()) { return own }
    for name in ["postgres", "huijia"] {
      if let found = named(name) { return found }
    }
    throw OperatorError(.clusterUserMissing, status: .usage)
  }

  /// The names of the users who may act as the cluster's superuser: this process's and the cluster's.
  var owners: [String] {
    var names = [name]
    if let own = Self.named(geteuid()), own.name != name { names.append(own.name) }
    return names
  }

  /// The program, run as this user.
  package func runs(_ program: Program) -> Program {
    guard geteuid() == 0, user != 0 else { return program }
    // It need not be able to reach the directory that we were started in.
    let command = ["/usr/bin/env", "--chdir=/", program.path] + program.arguments
    var result = program
    if let setpriv = Program.find("setpriv") {
      result.path = setpriv
      result.arguments =
        ["--reuid=\(user)", "--regid=\(group)", "--init-groups"] + command
    } else {
      result.path = Program.find("runuser") ?? "/usr/sbin/runuser"
      result.arguments = ["-u", name, "--"] + command
    }
    result.environment["HOME"] = "/"
    return result
  }

  /// Whether this user can enter a directory.
  package func reaches(_ directory: String) -> Bool {
    (try? runs(Program("/usr/bin/test", ["-x", directory])).run().status) == 0
  }

  /// Gives a file or directory to this user, when we are root.
  func take(_ path: String) throws {
    guard geteuid() == 0 else { return }
    guard chown(path, user, group) == 0 else {
      throw OperatorError(
        .fileUnwritable, ["path": path, "reason": LocalFile.lastReason], status: .usage)
    }
  }

  private static func named(_ name: String) -> Self? {
    guard let entry = getpwnam(name) else { return nil }
    return Self(entry.pointee)
  }

  private static func named(_ user: uid_t) -> Self? {
    if let entry = getpwuid(user) { return Self(entry.pointee) }
    return Self(name: "\(user)", user: user, group: getegid())
  }

  private init(_ entry: passwd) {
    name = String(cString: entry.pw_name)
    user = entry.pw_uid
    group = entry.pw_gid
  }

  private init(name: String, user: uid_t, group: gid_t) {
    self.name = name
    self.user = user
    self.group = group
  }
}
