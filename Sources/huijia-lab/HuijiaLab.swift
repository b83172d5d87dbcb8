import ArgumentParser
import CommandKit
import DaemonKit
import LabKit

/// A whole tree on one machine, for trials, demos and tests.
@main
struct HuijiaLab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "huijia-lab",
    abstract: "A whole tree on one machine: real daemons, real PostgreSQL. 一台机器上的整棵树。",
    discussion:
      "Exit status: 0 done, 1 a check failed, 2 wrong usage, 3 a daemon or database is unreachable.",
    subcommands: [
      UpCommand.self, NodesCommand.self, StopCommand.self, KillCommand.self, StartCommand.self,
      CutCommand.self, HealCommand.self, SettleCommand.self, LoadCommand.self, DownCommand.self,
      BackupCommand.self, RestoreCommand.self, LoseCommand.self, ClockCommand.self,
      DemoCommand.self, BenchCommand.self, TortureCommand.self, ForwardCommand.self,
    ])

  static func main() async {
    Interruption.watch()
    await runProcess(
      ArgumentOrder.verbFirst(
        Array(CommandLine.arguments.dropFirst()), valued: ["--dir"], flags: ["--json"]))
  }
}

/// The option that every command takes.
struct LabOptions: ParsableArguments {
  @Option(name: .customLong("dir"), help: "The lab's directory.")
  var directory: String

  /// The lab in the directory. Throws when there is none.
  func open() throws -> Lab { try Lab.open(directory) }
}
