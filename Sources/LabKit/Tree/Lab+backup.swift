package import DaemonKit
import Glibc

extension Lab {
  /// Takes a node's database into a file; the node must be stopped. Its high-water file is no part of it. Returns the file's bytes.
  ///
  /// `say` is told what happens. Throws `lab-node-runs`, and what PostgreSQL's programs say.
  package func backUp(
    _ node: LabPlan.Node, to file: String, say: (Phrase) -> Void
  ) throws -> Int {
    let file = LocalFile.absolute(file)
    let cluster = try stoppedCluster(node)
    let database = database(of: node.node)
    let size = try cluster.bytes(of: database) / 1_000_000
    say(Phrase("备份 \(node.name)(\(size) MB)……", "backing up \(node.name) (\(size) MB) …"))
    try cluster.dump(database, to: file)
    return LocalFile.size(of: file) ?? 0
  }

  /// Puts a backup of a node's database in the place of its database; the node must be stopped.
  ///
  /// The high-water file stays: by it the node finds out, at its start, that its database is older than what it gave out.
  /// Throws `lab-node-runs`, `lab-backup-unreadable`, `lab-backup-foreign`; then nothing was changed.
  package func restore(
    _ node: LabPlan.Node, from file: String, say: (Phrase) -> Void
  ) throws {
    let file = LocalFile.absolute(file)
    let cluster = try stoppedCluster(node)
    let database = database(of: node.node)
    let found: String
    do {
      found = try cluster.source(ofBackup: file)
    } catch let error as OperatorError {
      throw OperatorError(
        .labBackupUnreadable,
        ["file": file, "detail": error.message.text(error.values, in: .current)], status: .usage)
    }
    guard found == database.name else {
      throw OperatorError(
        .labBackupForeign, ["file": file, "found": found, "expected": database.name],
        status: .usage)
    }
    let size = (LocalFile.size(of: file) ?? 0) / 1_000_000
    say(
      Phrase("恢复 \(node.name)(备份 \(size) MB)……", "restoring \(node.name) from \(size) MB …"))
    try cluster.restore(database, from: file)
    try cluster.make([database])
  }

  /// Loses a node's disk: its daemon is killed, its database dropped and made empty. Its identity stays; its high-water file stays unless `stateToo`.
  package func lose(_ node: LabPlan.Node, stateToo: Bool) throws {
    if runningDaemons()[node.node] != nil { try kill(node.node) }
    let cluster = try cluster()
    try cluster.start()
    let database = database(of: node.node)
    try cluster.drop(database)
    try cluster.make([database])
    guard stateToo else { return }
    let state = "\(folder(of: node.node))/state"
    for name in LocalFile.names(in: state) {
      try Program("/bin/rm", ["-rf", "--", "\(state)/\(name)"]).runChecked()
    }
  }

  private func stoppedCluster(_ node: LabPlan.Node) throws -> ManagedCluster {
    guard runningDaemons()[node.node] == nil else {
      throw OperatorError(
        .labNodeRuns, ["node": "\(node.node)", "path": directory], status: .usage)
    }
    let cluster = try cluster()
    try cluster.start()
    return cluster
  }
}
