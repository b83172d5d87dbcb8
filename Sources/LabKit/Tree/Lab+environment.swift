import DaemonKit
package import ReplicationCore

extension Lab {
  /// Where a node's clock offset is kept, so that every later start has it.
  private func clockFile(of node: NodeID) -> String { "\(folder(of: node))/clock" }

  /// By how many seconds a node's clock is off; 0: it is right.
  package func clockOffset(of node: NodeID) -> Double {
    let text = try? LocalFile.readText(clockFile(of: node))
    return text?.split(separator: "\n").first.flatMap { Double($0) } ?? 0
  }

  /// Sets a node's clock off by so many seconds; 0 sets it right. A running daemon is stopped and started with it. Returns whether it was.
  package func setClock(of node: LabPlan.Node, to offset: Double) throws -> Bool {
    let isRunning = runningDaemons()[node.node] != nil
    if isRunning { stop(node.node) }
    if offset == 0 {
      LocalFile.remove(clockFile(of: node.node))
    } else {
      try LocalFile.write("\(offset)\n", to: clockFile(of: node.node))
    }
    if isRunning { try start(node.node) }
    return isRunning
  }

  /// Where daemons keep the frames that they send, once `recordFrames` was called.
  package var frames: String { "\(directory)/frames" }

  /// Has every daemon keep what it sends from now on; running ones are stopped and started.
  package func recordFrames() throws {
    try LocalFile.makeDirectory(frames, mode: 0o700)
    for node in runningDaemons().keys {
      stop(node)
      try start(node)
    }
  }

  /// What a daemon's environment has to say of its clock, and of its frames.
  func environment(of node: NodeID) -> [String: String] {
    var variables: [String: String] = [:]
    let offset = clockOffset(of: node)
    if offset != 0 { variables[LabClock.variable] = "\(offset)" }
    if LocalFile.isDirectory(frames) { variables[LabFrames.variable] = frames }
    return variables
  }
}
