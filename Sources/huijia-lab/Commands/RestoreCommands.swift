import ArgumentParser
import DaemonKit
import LabKit

/// `backup`: a node's database into a file.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Take a node's database into a file. 备份节点的数据库。",
    discussion: "The node must be stopped.")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Option(help: "The file to write.") var file: String

  func run() async throws {
    let lab = try lab.open()
    let node = try lab.node(node)
    let began = ContinuousClock().now
    let bytes = try lab.backUp(node, to: file) { Outcome.complain($0.text(in: .current)) }
    let seconds = ((ContinuousClock().now - began) / .seconds(1) * 10).rounded() / 10
    let line = Phrase(
      "\(node.name):备份 \(bytes) 字节,\(seconds) 秒", "\(node.name): \(bytes) bytes in \(seconds) s")
    Outcome.say(line.text(in: .current))
  }
}

/// `restore`: puts a backup back.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put a node's backup back. 恢复节点的备份。",
    discussion:
      "The node must be stopped. Its high-water file stays: at its start it finds out, and begins a new incarnation."
  )

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Option(help: "A file that `backup` wrote.") var file: String

  func run() async throws {
    let lab = try lab.open()
    let node = try lab.node(node)
    try lab.restore(node, from: file) { Outcome.complain($0.text(in: .current)) }
    let line = Phrase("\(node.name):已恢复", "\(node.name): restored")
    Outcome.say(line.text(in: .current))
  }
}

/// `lose`: a node's disk is gone.
struct LoseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lose",
    abstract: "Lose a node's disk: an empty database, the same identity. 丢失磁盘。",
    discussion: "Its daemon is killed; `start` brings it back.")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Flag(help: "The state directory with the high-water file is lost too.") var state = false

  func run() async throws {
    let lab = try lab.open()
    try lab.lose(try lab.node(node), stateToo: state)
  }
}

/// `clock`: a node whose clock is off.
struct ClockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Run a node with its clock off. 让节点的时钟有偏差。",
    discussion: "A running node is started again. An offset of 0 sets the clock right.")

  @OptionGroup var lab: LabOptions
  @Argument(help: "The node's id.") var node: String
  @Option(parsing: .unconditional, help: "Seconds; may be negative.") var offset: String
  @Option(help: "Seconds to wait for its links at most.") var timeout: Double = 60

  func run() async throws {
    let lab = try lab.open()
    let node = try lab.node(node)
    guard let seconds = Double(offset), seconds.magnitude < 1e10 else {
      throw OperatorError(.labClockInvalid, ["offset": offset], status: .usage)
    }
    guard try lab.setClock(of: node, to: seconds) else { return }
    let report = try await lab.waitUntilUp(node, seconds: timeout)
    for problem in report { Outcome.complain(problem.report(in: .current)) }
    if !report.isEmpty { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}
