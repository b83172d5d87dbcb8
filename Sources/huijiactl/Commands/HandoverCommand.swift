import ArgumentParser
import DaemonKit

/// `handover`: values that left this node and that no link may carry further.
struct HandoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handover",
    abstract: "Values that left and have to be handed over by hand. 移交:须由人工转交的数据。",
    discussion: """
      A record that moves between divisions arrives there in the fields that everybody on the way may see. The rest waits, \
      sealed, in the archive of where it was: list, export and, when it has arrived, confirm there; forward at the parent; \
      import at the receiving node.
      """,
    subcommands: [
      HandoverList.self, HandoverExport.self, HandoverForward.self, HandoverImport.self,
      HandoverConfirm.self,
    ], defaultSubcommand: HandoverList.self)
}

/// `handover list`.
struct HandoverList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What is open, oldest first. 待移交项,从旧到新。")

  @OptionGroup var options: ControlOptions
  @Option(help: "How many at most.") var limit: Int = 1000
  @Option(help: "Only those with a greater id.") var after: Int64 = 0

  func run() async throws {
    try await options.list(
      "handover.list", limit: limit, [JSON.Member("after", .integer(after))]
    ) { $0.handovers }
  }
}

/// `handover export`.
struct HandoverExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write items into a sealed file for the parent. 导出加密的移交文件,交给上级。")

  @OptionGroup var options: ControlOptions
  @Argument(help: "The items' ids.") var ids: [Int64]
  @Option(help: "The file to write (0600).") var file: String

  func run() async throws {
    let document = try await options.daemon.call(
      "handover.export", ["ids": .array(ids.map { .integer($0) })])
    try options.write(bundle: document, to: file)
    // Only now: what is confirmed as exported is dropped, so a file that could not be written must not count.
    _ = try await options.daemon.call(
      "handover.exported", ["ids": .array(ids.map { .integer($0) })])
  }
}

/// `handover forward`.
struct HandoverForward: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward",
    abstract: "Seal a file's values to a neighbour, storing none. 转交:改为加密给上级或下级节点。")

  @OptionGroup var options: ControlOptions
  @Option(help: "The file that came.") var file: String
  @Option(help: "The node to forward it to.") var to: String
  @Option(help: "The file to write (0600).") var out: String

  func run() async throws {
    let document = try await options.daemon.call(
      "handover.forward", ["bundle": .string(try options.bundle(file)), "to": .string(to)])
    try options.write(bundle: document, to: out)
  }
}

/// `handover import`.
struct HandoverImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take a file's values into records that are here. 导入移交文件。",
    discussion: "Exit status 1 if a record has not come here yet, 4 if the policy kept values out.")

  @OptionGroup var options: ControlOptions
  @Option(help: "The file.") var file: String

  func run() async throws {
    let document = try await options.daemon.call(
      "handover.import", ["bundle": .string(try options.bundle(file))])
    options.show(document) { $0.handedOver }
    let kept = (document["outside"]?.elements ?? []) + (document["refused"]?.elements ?? [])
    if let first = kept.first {
      throw HandoverImport.error(.handoverNotAllowed, kept.count, first, .refused)
    }
    if let absent = document["absent"]?.elements, let first = absent.first {
      throw HandoverImport.error(.handoverRecordAbsent, absent.count, first, .checkFailed)
    }
  }

  private static func error(
    _ message: Message, _ count: Int, _ first: JSON, _ status: ExitStatus
  ) -> OperatorError {
    OperatorError(
      message,
      [
        "count": "\(count)", "ledger": first["ledger"]?.plain ?? "",
        "key": first["key"]?.plain ?? "",
      ], status: status)
  }
}

/// `handover confirm`.
struct HandoverConfirm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Say that items have arrived; their values go. 确认已送达,本节点删除其数据。")

  @OptionGroup var options: ControlOptions
  @Argument(help: "The items' ids.") var ids: [Int64]
  @Flag(help: "Also items that were never exported: their values are lost.") var discard = false

  func run() async throws {
    let document = try await options.daemon.call(
      "handover.confirm",
      ["ids": .array(ids.map { .integer($0) }), "discard": .bool(discard)])
    options.show(document) { report in { report.settled($0) } }
  }
}

extension ControlOptions {
  /// A hand-over file as the daemon takes it.
  fileprivate func bundle(_ path: String) throws -> String {
    HandoverFile.text(of: try LocalFile.read(LocalFile.absolute(path)))
  }

  /// Writes the file that the daemon made, and says what it is.
  fileprivate func write(bundle document: JSON, to path: String) throws {
    try LocalFile.write(
      HandoverFile.bytes(of: document), to: LocalFile.absolute(path), mode: 0o600)
    show(HandoverFile.description(of: document, path)) { $0.handoverFile }
  }
}
