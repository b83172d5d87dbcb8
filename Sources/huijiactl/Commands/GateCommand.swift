import ArgumentParser
import DaemonKit

/// `gate`: what must be verified before it passes to the outer loop.
struct GateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Verify values, and see what waits for it. 采核:核验与待核验清单。",
    subcommands: [List.self, Verify.self], defaultSubcommand: List.self)

  /// `gate list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "What waits for a verification, the longest waiting first. 待核验,等待最久的在前。")

    @OptionGroup var options: ControlOptions
    @Option(help: "Only of this ledger.") var ledger: String?
    @Option(help: "How many values at most.") var limit: Int = 1000

    func run() async throws {
      var arguments = [JSON.Member("limit", .integer(Int64(limit)))]
      if let ledger { arguments.append(JSON.Member("ledger", .string(ledger))) }
      let document = try await options.daemon.call("gate.list", .object(arguments))
      options.show(document) { $0.waitingForVerification }
    }
  }

  /// `gate verify`.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Vouch for values of a record as this node shows them. 核验本节点所显示的值。",
      discussion: """
        The word is signed with your name and says which values you saw. Without --field: all that this node may \
        verify. A value that is written later waits for a verification of its own.
        """)

    @OptionGroup var options: ControlOptions
    @Argument(help: "The ledger's name.") var ledger: String
    @Argument(help: "The record's key.") var key: String
    @Option(help: "Only this field; may be given several times.") var field: [String] = []

    func run() async throws {
      let document = try await options.daemon.call(
        "gate.verify",
        [
          "ledger": .string(ledger), "key": .string(key),
          "fields": .array(field.map { .string($0) }),
        ])
      options.show(document) { $0.verifiedValues }
    }
  }
}
