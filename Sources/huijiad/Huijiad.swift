import ArgumentParser
import CommandKit
import DaemonKit

/// The daemon: one at each node, beside its database.
@main
struct Huijiad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "huijiad",
    abstract: "Keep one node's records in step with its parent and children. 数据回家守护进程。",
    discussion: """
      Runs in the foreground and logs to standard error. SIGTERM drains and stops.
      Exit status: 0 stopped in order, 2 wrong usage or configuration, 3 database unreachable.
      """)

  @Option(help: "The node's settings, such as /etc/huijia/node.yaml.")
  var config: String

  @Flag(help: "Check the settings and certificates, say every problem at once, and change nothing.")
  var check = false

  func run() async throws {
    if check {
      try NodeSettings.check(config)
      let values = ["path": LocalFile.absolute(config)]
      Outcome.say(Message.settingsValid.text(values, in: .current))
      return
    }
    try await Daemon.run(NodeSettings.read(config))
  }

  static func main() async { await runProcess() }
}
