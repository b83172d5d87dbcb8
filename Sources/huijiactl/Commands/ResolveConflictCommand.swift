import ArgumentParser
import DaemonKit
import Glibc

/// `conflicts resolve`: writes a value that has seen all others.
struct ResolveConflictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "Decide a conflict. 处理冲突。",
    discussion: """
      The decision is an ordinary write of yours that has seen the values shown, and no others; it travels like any \
      write. With --all, the value of --authority is taken in every pending conflict of --ledger and --field.
      """)

  @OptionGroup var options: ControlOptions
  @Argument(help: "The conflict's id.") var id: String?
  @Option(help: "Take the value of this number.") var take: Int?
  @Option(help: "Write another value (of alive: true or false).") var value: String?
  @Flag(help: "Write no value.") var clear = false
  @Option(help: "Only if the conflict still is as it was shown: its `seen` or `version`.")
  var seen: String?
  @OptionGroup var selection: ConflictSelection
  @Flag(help: "Many at once.") var all = false
  @Option(help: "With --all: how many at most.") var limit: Int = 1000
  @Flag(help: "With --all: do not ask.") var yes = false

  func validate() throws {
    if all == (id != nil) { throw ValidationError("either an id or --all. 要么给编号,要么用 --all。") }
  }

  func run() async throws {
    if let id { try await resolve(id) } else { try await resolveAll() }
  }

  private func resolve(_ id: String) async throws {
    // What comes between this look and the write is not taken as seen.
    let version: String
    if let seen {
      version = seen
    } else {
      let shown = try await options.daemon.call("conflict.show", ["id": .string(id)])
      version = shown["version"]?.text ?? ""
    }
    var arguments = [JSON.Member("id", .string(id)), JSON.Member("seen", .string(version))]
    if let take { arguments.append(JSON.Member("take", .integer(take))) }
    if let value { arguments.append(JSON.Member("value", .string(value))) }
    if clear { arguments.append(JSON.Member("clear", true)) }
    if let field = selection.field { arguments.append(JSON.Member("field", .string(field))) }
    let document = try await options.daemon.call("conflict.resolve", .object(arguments))
    options.show(document) { $0.resolution }
  }

  private func resolveAll() async throws {
    var arguments = selection.members + [JSON.Member("limit", .integer(limit))]
    let plan = try await options.daemon.call("conflict.resolve_all", .object(arguments))
    let matched = min(plan["matched"]?.integer ?? 0, plan["limit"]?.integer ?? .max)
    if matched > 0 {
      let question = OperatorError(
        .conflictsNotConfirmed,
        ["count": "\(matched)", "authority": selection.authority ?? ""], status: .usage)
      guard yes || isConfirmed(question) else { throw question }
      arguments.append(JSON.Member("apply", true))
    }
    let document =
      matched > 0
      ? try await options.daemon.call("conflict.resolve_all", .object(arguments)) : plan
    options.show(document) { $0.resolutions }
    let failed = document["failed"]?.elements ?? []
    guard let first = failed.first else { return }
    let isRefused = failed.contains { $0["code"]?.text == Message.conflictRefused.code }
    throw OperatorError(
      .conflictsLeft, ["count": "\(failed.count)", "reason": first["reason"]?.text ?? ""],
      status: isRefused ? .refused : .checkFailed)
  }

  /// Asks the person at the terminal; without one nobody has agreed.
  private func isConfirmed(_ question: OperatorError) -> Bool {
    guard isatty(0) == 1 else { return false }
    Outcome.complain(
      question.message.text(question.values, in: .current) + "\n"
        + Phrase.askToResolve.text(in: .current))
    return ["y", "yes", "是"].contains(readLine()?.lowercased() ?? "")
  }
}
