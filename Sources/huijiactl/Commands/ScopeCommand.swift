import ArgumentParser
import DaemonKit

/// `scope`: who may do what.
struct ScopeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scope", abstract: "Who may read and maintain what. 权限范围。",
    subcommands: [Show.self, Explain.self])

  /// `scope show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "The policy in force, as it was signed. 现行权限文件。")

    @OptionGroup var options: ControlOptions

    func run() async throws {
      options.show(try await options.daemon.call("scope.show")) { _ in
        { $0["source"]?.text ?? $0.serialised }
      }
    }
  }

  /// `scope explain`.
  struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "explain",
      abstract: "What a node may do with a ledger, and by which rule. 某节点对某台账的权限及其规则。")

    @OptionGroup var options: ControlOptions
    @Argument(help: "The node's id.") var node: String
    @Argument(help: "The ledger's name.") var ledger: String
    @Argument(help: "Only for this record.") var key: String?

    func run() async throws {
      var arguments = [JSON.Member("node", .string(node)), JSON.Member("ledger", .string(ledger))]
      if let key { arguments.append(JSON.Member("key", .string(key))) }
      let document = try await options.daemon.call("scope.explain", .object(arguments))
      options.show(document) { $0.scopeExplanation }
    }
  }
}
