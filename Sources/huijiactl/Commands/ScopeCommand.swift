import ArgumentParser
import DaemonKit

/// `scope`: who may do what.
struct ScopeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scope", abstract: "Who may read and maintain what. 权限范围。",
    subcommands: [Show.self, Check.self, Plan.self, Apply.self, Explain.self])

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

  /// `scope check`.
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Everything that is wrong with a policy file. 检查权限文件。",
      discussion: """
        Against the catalog of the daemon, or with --catalog against a folder of ledger files, for which no daemon is needed. \
        Exit status 0 when the policy may be used (warnings are printed), 1 when it has errors, 2 when a file cannot be read.
        """)

    @OptionGroup var options: ControlOptions
    @Argument(help: "The policy's YAML.") var file: String
    @Option(help: "The folder with the ledgers' files.") var catalog: String?
    @Option(help: "The day as of which rules hold, as 2026-12-31; today when absent.") var day:
      String?

    func run() async throws {
      let source = try LocalFile.read(LocalFile.absolute(file))
      let reading = try PolicyReading(file: file, source: source, day: day)
      let document: JSON
      if let catalog {
        document = reading.check(
          against: try PolicyReading.catalog(LocalFile.absolute(catalog)))
      } else {
        document = try await options.daemon.call("scope.check", reading.arguments)
      }
      options.show(document) { report in { report.policyProblems($0, of: file) } }
      let errors = document.elements.filter { $0["severity"]?.text == "error" }.count
      guard errors == 0 else {
        throw OperatorError(
          .policyRefused, ["path": file, "count": "\(errors)"], status: .checkFailed)
      }
    }
  }

  /// `scope plan`.
  struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "plan",
      abstract: "What a policy would change, before it is applied. 预演:生效前看清得失。",
      discussion: """
        Asked of every node of the region, which signs nothing and changes nothing: for each link and direction the records and \
        the values of each field that its receiver would gain and lose. Ends when all that can be reached have answered; who has \
        not is named. Run it again to ask again. Exit status 2 when the file has problems, 4 at a node that is not the region's.
        """)

    @OptionGroup var options: ControlOptions
    @Argument(help: "The policy's file.") var file: String
    @Option(help: "Seconds without any answer after which it ends.") var wait = 60

    func run() async throws {
      let source = try LocalFile.readText(LocalFile.absolute(file))
      let showsProgress = !options.json
      let arguments: JSON = [
        "file": .string(file), "source": .string(source), "wait": .integer(wait),
      ]
      let document = try await options.daemon.last("scope.plan", arguments) { document in
        guard showsProgress, document["progress"] != nil else { return }
        Outcome.progress(Report(.current).planProgress(document))
      }
      if showsProgress { Outcome.progress("") }
      options.show(document) { $0.scopePlan }
    }
  }

  /// `scope apply`.
  struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "apply",
      abstract: "Sign a policy and put it in force in the whole region. 签发权限文件,全区生效。")

    @OptionGroup var options: ControlOptions
    @Argument(help: "The policy's file; its epoch must be higher than the one in force.")
    var file: String

    func run() async throws {
      let source = try LocalFile.readText(LocalFile.absolute(file))
      let document = try await options.daemon.call(
        "scope.apply", ["file": .string(file), "source": .string(source)])
      options.show(document) { $0.scopeApplied }
    }
  }

  /// `scope explain`.
  struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "explain",
      abstract: "What a node may do with a ledger, and by which rule. 某节点对某台账的权限及其规则。",
      discussion: """
        Field by field: yes or no, by which rule and line of the policy in force, and how it comes to the node hop by hop: \
        from the record's home (or from this node when no record is named) up and down the tree, what each node on the way \
        may hold, and which one stops it. For a record that this node does not hold, --home tells where it belongs.
        """)

    @OptionGroup var options: ControlOptions
    @Argument(help: "The node's id.") var node: String
    @Argument(help: "The ledger's name.") var ledger: String
    @Argument(help: "Only for this record.") var key: String?
    @Option(help: "A home to judge by: a division code, or COLUMN=CODE for another home column.")
    var home: [String] = []

    func run() async throws {
      var arguments = [JSON.Member("node", .string(node)), JSON.Member("ledger", .string(ledger))]
      if let key { arguments.append(JSON.Member("key", .string(key))) }
      if !home.isEmpty {
        arguments.append(JSON.Member("homes", .array(home.map { .string($0) })))
      }
      let document = try await options.daemon.call("scope.explain", .object(arguments))
      options.show(document) { $0.scopeExplanation }
      guard document["known"]?.bool == false else { return }
      let near = (document["nearest"]?.elements ?? []).compactMap(\.text)
      let note = OperatorError(
        .nodeNotKnown, ["node": node, "nearest": near.joined(separator: ", ")], status: .done)
      Outcome.complain(note.note(in: .current))
    }
  }
}
