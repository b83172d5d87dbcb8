import ArgumentParser
import DaemonKit

/// `ledger`: the declared ledgers.
struct LedgerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "The declared ledgers. 台账。",
    subcommands: [List.self, Show.self])

  /// `ledger list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "All ledgers. 全部台账。")

    @OptionGroup var options: ControlOptions

    func run() async throws {
      options.show(try await options.daemon.call("ledger.list")) { $0.ledgers }
    }
  }

  /// `ledger show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "One ledger and its fields. 一个台账及其字段。")

    @OptionGroup var options: ControlOptions
    @Argument(help: "The ledger's name.") var ledger: String

    func run() async throws {
      let document = try await options.daemon.call("ledger.show", ["ledger": .string(ledger)])
      options.show(document) { $0.ledger }
    }
  }
}
