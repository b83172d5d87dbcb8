import ArgumentParser
import DaemonKit

/// `quarantine`: what this node refused.
struct QuarantineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "What this node refused, and why. 隔离区:被拒绝的变更。",
    subcommands: [List.self, Show.self], defaultSubcommand: List.self)

  /// `quarantine list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "All that was refused, newest first. 全部,从新到旧。")

    @OptionGroup var options: ControlOptions
    @Option(help: "How many at most.") var limit: Int = 1000
    @Option(help: "Only those with a smaller id.") var before: Int64?

    func run() async throws {
      let arguments = before.map { [JSON.Member("before", .integer($0))] } ?? []
      try await options.list("quarantine.list", limit: limit, arguments) { $0.quarantine }
    }
  }

  /// `quarantine show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "One refused item. 其中一项。")

    @OptionGroup var options: ControlOptions
    @Argument(help: "The item's id.") var id: Int64

    func run() async throws {
      let document = try await options.daemon.call("quarantine.show", ["id": .integer(id)])
      options.show(document) { $0.quarantineEntry }
    }
  }
}
