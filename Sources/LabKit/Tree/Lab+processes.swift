package import DaemonKit
import Glibc
package import ReplicationCore

extension Lab {
  /// The running daemons of this lab, by node.
  package func runningDaemons() -> [NodeID: ProcessIdentity] {
    let byPath = Dictionary(
      plan.nodes.map { (settings(of: $0.node), $0.node) }, uniquingKeysWith: { first, _ in first })
    var result: [NodeID: ProcessIdentity] = [:]
    for entry in ProcessTable.read() {
      if let path = entry.argument(of: "--config"), let node = byPath[path] {
        result[node] = entry.identity
      }
    }
    return result
  }

  /// Starts a node's daemon, unless it runs. Returns its process.
  @discardableResult
  package func start(_ node: NodeID) throws -> ProcessIdentity {
    if let running = runningDaemons()[node] { return running }
    // A socket left by a killed daemon would let the next command talk to nobody.
    unlink(control(of: node))
    let program = Program(
      try Self.program("huijiad", variable: "HUIJIAD"), ["--config", settings(of: node)],
      environment: environment(of: node))
    let process = try program.startDetached(log: log(of: node))
    guard let identity = ProcessIdentity(of: process) else {
      throw OperatorError(
        .labNodeNotUp, ["node": "\(node)", "log": log(of: node)], status: .unreachable)
    }
    return identity
  }

  /// Asks a node's daemon to stop in order and waits for it; after `seconds` it is killed. Nothing to do when it does not run.
  package func stop(_ node: NodeID, seconds: Double = 20) {
    guard let process = runningDaemons()[node] else { return }
    Self.end([process], seconds: seconds)
  }

  /// SIGKILL: as if the machine lost its power, without the disk's losses.
  package func kill(_ node: NodeID) throws {
    guard let process = runningDaemons()[node] else {
      throw OperatorError(
        .labNodeNotRunning, ["node": "\(node)", "path": directory], status: .usage)
    }
    process.send(SIGKILL)
    _ = process.waitForEnd(seconds: 10)
  }

  /// SIGTERM to all, then SIGKILL to those still there after `seconds`.
  static func end(_ processes: [ProcessIdentity], seconds: Double) {
    for process in processes { process.send(SIGTERM) }
    for process in processes where !process.waitForEnd(seconds: seconds) {
      process.send(SIGKILL)
      _ = process.waitForEnd(seconds: 5)
    }
  }

  /// A program of ours: named by a variable, beside this one, or in `PATH`. Throws `lab-daemon-missing`.
  static func program(_ name: String, variable: String) throws -> String {
    if let path = ProcessEnvironment[variable] { return LocalFile.absolute(path) }
    if let own = LocalFile.executable {
      let beside = "\(LocalFile.parent(of: own))/\(name)"
      if LocalFile.isExecutable(beside) { return beside }
    }
    guard let found = Program.find(name) else {
      throw OperatorError(.labDaemonMissing, status: .usage)
    }
    return found
  }
}
