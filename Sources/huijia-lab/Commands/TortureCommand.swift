import ArgumentParser
import DaemonKit
import LabKit

/// `torture`: random writers and faults on a real tree, then an account of every acknowledged write.
struct TortureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "torture",
    abstract: "Random writes, cuts and kills; then account for every write. 随机写入与故障,逐一核对。",
    discussion: """
      Exit status 0: every acknowledged write was accounted for at every node that may see it; 1: not, and the first
      findings with their journal are printed. The seed chooses what is written and broken; how processes interleave it
      cannot.
      """)

  @Option(name: .customLong("dir"), help: "The lab's directory; without it a new one under /tmp.")
  var directory: String?
  @Option(help: "The tree to make; without it a small real piece of Guangxi.") var spec: String?
  @Option(help: "Only these nodes: ids, separated by commas.") var nodes: String?
  @Option(help: "Chooses writes and faults; without it a new one, printed.") var seed: UInt64?
  @Option(help: "Minutes of writing.") var minutes: Double = 1
  @Option(help: "A writer's longest rest between two transactions, in milliseconds.")
  var pause: Int = 120
  @Flag(help: "Never register one key at several nodes, or again where it moved away.")
  var noRivals = false
  @Flag(help: "Leave the tree running.") var keep = false
  @Option(help: .init("Lose something on purpose: outbox, value or row.", visibility: .hidden))
  var lose: String?

  func validate() throws {
    guard minutes > 0, minutes <= 1_440 else {
      throw ValidationError("--minutes must be above 0 and at most 1440.")
    }
    if let lose, TortureLoss(rawValue: lose) == nil {
      throw ValidationError("--lose is outbox, value or row.")
    }
  }

  func run() async throws {
    let directory = directory ?? Torture.newDirectory()
    let settings = TortureSettings(
      directory: directory, spec: spec,
      nodes: (nodes ?? "").split(separator: ",").map(String.init),
      seed: seed ?? UInt64.random(in: 1...999_999_999), seconds: minutes * 60,
      pauseMilliseconds: pause, hasRivals: !noRivals,
      loss: lose.flatMap { TortureLoss(rawValue: $0) })
    var isGood = false
    do {
      let torture = Torture(settings) { Outcome.complain($0.text(in: .current)) }
      let report = try await torture.run()
      Outcome.say(report.text(in: .current))
      isGood = report.isGood
    } catch {
      if !keep { try? Lab.down(directory, purge: false) }
      throw error
    }
    if !keep { try Lab.down(directory, purge: isGood) }
    guard isGood else {
      let line = Phrase(
        "没有全部核对上;日志在 \(directory)/logs", "not all accounted for; the logs are in \(directory)/logs")
      Outcome.complain(line.text(in: .current))
      throw ExitCode(ExitStatus.checkFailed.rawValue)
    }
  }
}
