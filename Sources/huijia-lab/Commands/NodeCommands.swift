import ArgumentParser
import DaemonKit
import LabKit

/// `start`: a node's daemon again.
struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start a node again. 启动节点。")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Option(help: "Seconds to wait for its links at most.") var timeout: Double = 60

  func run() async throws {
    let lab = try lab.open()
    let node = try lab.node(node)
    try lab.cluster().start()
    try lab.start(node.node)
    let report = try await lab.waitUntilUp(node, seconds: timeout)
    for problem in report { Outcome.complain(problem.report(in: .current)) }
    if !report.isEmpty { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}

/// `stop`: a node's daemon, in order.
struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop a node in order. 正常停止节点。")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String

  func run() async throws {
    let lab = try lab.open()
    lab.stop(try lab.node(node).node)
  }
}

/// `kill`: a node's daemon, with SIGKILL.
struct KillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "End a node with SIGKILL. 强行终止节点。")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String

  func run() async throws {
    let lab = try lab.open()
    try lab.kill(try lab.node(node).node)
  }
}

/// `cut`: breaks a link.
struct CutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cut", abstract: "Break the link between a node and its parent. 断开链路。")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Flag(help: "Let packets vanish instead of resetting connections.") var silent = false

  func run() async throws {
    let lab = try lab.open()
    try lab.setLink(try lab.node(node), silent ? .silent : .reset)
  }
}

/// `heal`: restores a link.
struct HealCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heal", abstract: "Restore the link between a node and its parent. 恢复链路。")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Flag(help: "Accepted for symmetry with cut.") var silent = false

  func run() async throws {
    let lab = try lab.open()
    try lab.setLink(try lab.node(node), .open)
  }
}

/// The process that sits on the links; started by `up`.
struct ForwardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "Sit on the lab's links.", shouldDisplay: false)

  @OptionGroup var lab: LabOptions

  func run() async throws { try await lab.open().forward() }
}
