import DaemonKit
import Glibc
package import ReplicationCore

extension Lab {
  /// The links that the forwarder serves.
  package var links: [ForwardedLink] {
    plan.nodes.compactMap { node in
      guard let parent = plan.nodes.first(where: { $0.node == node.parent }) else { return nil }
      return ForwardedLink(name: node.node.fileName, listen: node.forward, target: parent.listen)
    }
  }

  /// The lab's running forwarder; nil when there is none.
  var forwarder: ProcessIdentity? {
    ProcessTable.read().first { entry in
      entry.words.contains("forward") && entry.argument(of: "--dir") == directory
    }?.identity
  }

  /// Starts the forwarder, unless it runs, and waits until it answers. Throws `lab-forwarder-failed`.
  func startForwarder() throws {
    if forwarder != nil, (try? forwarderStates()) != nil { return }
    if let silent = forwarder { Self.end([silent], seconds: 2) }
    let program = Program(
      try Self.program("huijia-lab", variable: "HUIJIA_LAB"), ["forward", "--dir", directory])
    let process = try program.startDetached(log: forwarderLog)
    for _ in 0..<250 {
      if (try? forwarderStates()) != nil { return }
      guard ProcessIdentity(of: process) != nil else { break }
      usleep(20_000)
    }
    _ = try forwarderStates()
  }

  /// The condition of every link, by the child's id. Throws `lab-forwarder-failed`.
  package func forwarderStates() throws -> [NodeID: LinkCondition] {
    let answer = try ask("list")
    var result: [NodeID: LinkCondition] = [:]
    for node in plan.nodes {
      if let text = answer[node.node.fileName]?.text { result[node.node] = .init(rawValue: text) }
    }
    return result
  }

  /// Breaks or restores the link between a node and its parent; both daemons run on.
  package func setLink(_ node: LabPlan.Node, _ condition: LinkCondition) throws {
    guard node.parent != nil else {
      throw OperatorError(.labCutNeedsParent, ["node": "\(node.node)"], status: .usage)
    }
    let answer = try ask("\(condition.rawValue) \(node.node.fileName)")
    if let problem = answer["error"]?.text { throw forwarderFailed(problem) }
  }

  /// Serves the links until the process is ended. The lab's hidden command.
  package func forward() async throws {
    let forwarder = Forwarder(links)
    do {
      try await forwarder.start(control: forwarderSocket)
    } catch {
      throw forwarderFailed("\(error)")
    }
    while !Interruption.happened { try await Task.sleep(for: .milliseconds(200)) }
    await forwarder.stop()
    unlink(forwarderSocket)
  }

  private func ask(_ line: String) throws -> JSON {
    do {
      return try JSON(parsing: try LineSocket.ask(forwarderSocket, line))
    } catch let failure as LineSocket.Failure {
      throw forwarderFailed(failure.reason)
    } catch {
      throw forwarderFailed("\(error)")
    }
  }

  private func forwarderFailed(_ reason: String) -> OperatorError {
    OperatorError(
      .labForwarderFailed, ["reason": reason, "log": forwarderLog], status: .unreachable)
  }
}
