import ArgumentParser
import DaemonKit
import LabKit

/// `up`: makes what is missing and starts everything.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Make what is missing, start all, return when every link is live. 建立并启动。")

  @OptionGroup var lab: LabOptions
  @Option(help: "The tree to make; without it a small real piece of Guangxi.")
  var spec: String?
  @OptionGroup var divisions: DivisionOptions
  @Option(help: "Start only these nodes: ids, separated by commas.")
  var nodes: String?
  @Option(help: "Seconds to wait while no link moves.")
  var timeout: Double = 60

  func run() async throws {
    let clock = ContinuousClock()
    let began = clock.now
    let only = (nodes ?? "").split(separator: ",").map(String.init)
    let chosen = try divisions.spec(base: spec, into: lab.directory)
    let (opened, report) = try await Lab.up(
      lab.directory, spec: chosen, only: only, seconds: timeout
    ) { Outcome.complain($0.text(in: .current)) }
    for problem in report.problems { Outcome.complain(problem.report(in: .current)) }
    let seconds = ((clock.now - began) / .milliseconds(100)).rounded() / 10
    let line = Phrase(
      "\(opened.plan.title):\(report.nodes) 个节点,\(report.liveLinks) 条链路畅通,用时 \(seconds) 秒",
      "\(opened.plan.title): \(report.nodes) nodes, \(report.liveLinks) links live, \(seconds) s")
    Outcome.say(line.text(in: .current))
    try Interruption.check(opened.directory)
    if !report.problems.isEmpty { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}

/// `down`: stops everything.
struct DownCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "Stop everything. 全部停止。")

  @OptionGroup var lab: LabOptions
  @Flag(help: "Remove the directory and all its data too.")
  var purge = false

  func run() async throws { try Lab.down(lab.directory, purge: purge) }
}

/// `nodes`: what the lab is made of.
struct NodesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nodes", abstract: "All nodes, and how to reach them. 全部节点。")

  @OptionGroup var lab: LabOptions
  @Argument(help: "Only this node.") var node: String?
  @Option(help: "Only this member of each, a line a node: conninfo, control, log …") var show:
    String?
  @Flag(help: "One JSON document on standard output.")
  var json = false

  func run() async throws {
    let nodes = try lab.open().nodes(only: node)
    if let show {
      for line in try Lab.members(show, of: nodes) { Outcome.say(line) }
    } else {
      Outcome.say(json ? nodes.serialised : Lab.table(nodes, in: .current))
    }
  }
}
