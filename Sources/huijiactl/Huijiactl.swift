import ArgumentParser
import CommandKit
import DaemonKit

/// The operator's tool: asks the daemon of this machine through its control socket.
@main
struct Huijiactl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "huijiactl",
    abstract: "Ask and steer the huijiad of this machine. 查看和操作本机的 huijiad。",
    discussion: """
      The daemon is found by --control SOCKET, else HUIJIA_CONTROL, else \
      \(NodeSettings.defaultControlSocket). --control and --json may stand before or after the verb.
      Exit status: 0 done, 1 a check failed, 2 wrong usage, 3 daemon unreachable, 4 refused by policy.
      """,
    subcommands: [
      StatusCommand.self, LinksCommand.self, TraceCommand.self, LedgerCommand.self,
      ConflictsCommand.self, ScopeCommand.self, QuarantineCommand.self, GateCommand.self,
      HandoverCommand.self,
      VerifyCommand.self,
    ])

  static func main() async {
    await runProcess(
      ArgumentOrder.verbFirst(
        Array(CommandLine.arguments.dropFirst()), valued: ["--control"], flags: ["--json"]))
  }
}
