import ArgumentParser
import DaemonKit

/// `trace`: who wrote what is shown.
struct TraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Who wrote what is shown, when, where, under which rule. 追溯:谁在何时何地填写。",
    discussion: "Checks the author's signature of every field; exit status 1 if one is not valid.")

  @OptionGroup var options: ControlOptions
  @Argument(help: "The ledger's name.") var ledger: String
  @Argument(help: "The record's key.") var key: String
  @Option(help: "Only this field.") var field: String?

  func run() async throws {
    var arguments = [JSON.Member("ledger", .string(ledger)), JSON.Member("key", .string(key))]
    if let field { arguments.append(JSON.Member("field", .string(field))) }
    let document = try await options.daemon.call("trace", .object(arguments))
    options.show(document) { $0.trace }
    let wrong = document.elements.filter { $0["signature"]?.text != "valid" }.count
    guard wrong == 0 else {
      throw OperatorError(
        .signatureNotValid, ["ledger": ledger, "key": key, "count": "\(wrong)"],
        status: .checkFailed)
    }
  }
}
