import DaemonKit
import Glibc
import ReplicationCore

extension Lab {
  /// Stops everything: daemons, children first; the forwarder; the cluster. With `purge` the directory goes too.
  ///
  /// Also cleans up after a lab that was killed, at any point of its making.
  package static func down(_ directory: String, purge: Bool) throws {
    let directory = LocalFile.absolute(directory)
    guard let lab = try? open(directory) else {
      // Killed before its plan was written: then nothing of it can run yet.
      guard LocalFile.isDirectory("\(directory)/identities") || !LocalFile.exists(directory) else {
        throw OperatorError(.labMissing, ["path": directory], status: .usage)
      }
      if purge { try Program("/bin/rm", ["-rf", "--", directory]).runChecked() }
      return
    }
    let lock = try DirectoryLock(directory)
    defer { lock.release() }
    let running = lab.runningDaemons()
    Self.end(lab.plan.nodes.reversed().compactMap { running[$0.node] }, seconds: 20)
    if let forwarder = lab.forwarder { Self.end([forwarder], seconds: 5) }
    try lab.stopCluster(isKept: !purge)
    guard purge else { return }
    for path in [lab.plan.cluster, lab.plan.sockets, directory] {
      try Program("/bin/rm", ["-rf", "--", path]).runChecked()
    }
    // The short directory under /tmp, if there was one, is empty now.
    rmdir(LocalFile.parent(of: lab.plan.cluster))
  }

  /// Stops the cluster; at once when nobody wants its data any more, for an orderly stop writes all of it to disk first.
  private func stopCluster(isKept: Bool) throws {
    let cluster = try cluster()
    if isKept, (try? cluster.stop()) != nil { return }
    // What is committed is safe all the same.
    guard let postmaster = cluster.postmaster else { return }
    postmaster.send(SIGQUIT)
    _ = postmaster.waitForEnd(seconds: 10)
  }
}
