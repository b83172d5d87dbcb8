import ArgumentParser
import DaemonKit

/// `conflicts`: values of which nobody has seen all.
struct ConflictsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts", abstract: "Fields with several values, and who decides. 冲突收件箱。",
    subcommands: [List.self, Show.self, ResolveConflictCommand.self], defaultSubcommand: List.self)

  /// `conflicts list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "The inbox. 全部冲突及各个取值。")

    @OptionGroup var options: ControlOptions
    @OptionGroup var selection: ConflictSelection
    @Option(help: "pending (people decide) or by_rule (rank decided).") var kind: String?
    @Option(help: "How many at most.") var limit: Int = 1000

    func run() async throws {
      var arguments = selection.members
      if let kind { arguments.append(JSON.Member("kind", .string(kind))) }
      try await options.list("conflict.list", limit: limit, arguments) { $0.conflicts }
    }
  }

  /// `conflicts show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "One conflict with every value. 一个冲突及其全部取值。")

    @OptionGroup var options: ControlOptions
    @Argument(help: "The conflict's id: the same at every node.") var id: String

    func run() async throws {
      let document = try await options.daemon.call("conflict.show", ["id": .string(id)])
      options.show(document) { $0.conflict }
    }
  }
}

/// Which conflicts are meant.
struct ConflictSelection: ParsableArguments {
  @Option(help: "Only of this ledger.") var ledger: String?
  @Option(help: "Only of this field (of --ledger); alive: whether the record exists.")
  var field: String?
  @Option(help: "Only with a value of this node or tier.") var authority: String?

  /// As the daemon takes it.
  var members: [JSON.Member] {
    [("ledger", ledger), ("field", field), ("authority", authority)].compactMap { name, value in
      value.map { JSON.Member(name, .string($0)) }
    }
  }
}
