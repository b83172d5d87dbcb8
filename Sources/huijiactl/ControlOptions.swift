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

  /// Prints a document as JSON or, rendered, for people.
  func show(_ document: JSON, _ render: (Report) -> (JSON) -> String) {
    Outcome.say(json ? document.serialised : render(Report(.current))(document))
  }
}
