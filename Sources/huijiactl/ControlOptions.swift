import ArgumentParser
import DaemonKit

/// The options that every verb takes.
struct ControlOptions: ParsableArguments {
  @Option(help: "The daemon's control socket.")
  var control: String?

  @Flag(help: "One JSON document on standard output, and nothing else there.")
  var json = false

  /// The daemon to ask.
  var daemon: DaemonControl {
    let path =
      control ?? ProcessEnvironment["HUIJIA_CONTROL"] ?? NodeSettings.defaultControlSocket
    return DaemonControl(socket: LocalFile.absolute(path), language: .current)
  }

  /// Asks for a list of at most `limit` entries and prints it; says on standard error when there are more.
  func list(
    _ verb: String, limit: Int, _ arguments: [JSON.Member] = [],
    _ render: (Report) -> (JSON) -> String
  ) async throws {
    guard (1..<10_000).contains(limit) else {
      throw OperatorError(.limitOutOfRange, ["limit": "\(limit)"], status: .usage)
    }
    // One more than wanted shows whether there are more.
    let document = try await daemon.call(
      verb, .object(arguments + [JSON.Member("limit", .integer(limit + 1))]))
    let entries = document.elements
    show(.array(Array(entries.prefix(limit))), render)
    if entries.count > limit {
      let cut = OperatorError(.listCut, ["limit": "\(limit)"], status: .done)
      Outcome.complain(cut.note(in: .current))
    }
  }

  /// Prints a document as JSON or, rendered, for people.
  func show(_ document: JSON, _ render: (Report) -> (JSON) -> String) {
    Outcome.say(json ? document.serialised : render(Report(.current))(document))
  }
}
