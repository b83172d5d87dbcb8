import Glibc

/// How a command ends: what it says on standard error, and its exit status.
package enum Outcome {
  /// The text and exit status for an error; nil for one that is not ours.
  package static func of(_ error: any Error, in language: Language) -> (
    text: String, status: Int32
  )? {
    switch error {
    case let error as OperatorError:
      return (error.report(in: language), error.status.rawValue)
    case let error as ConfigError:
      return (error.report(in: language), ExitStatus.usage.rawValue)
    case let error as DaemonFailure:
      var text = Phrase.error.text(in: language) + error.text + " [\(error.code)]"
      if !error.hint.isEmpty { text += "\n" + Phrase.hint.text(in: language) + error.hint }
      return (text, error.exitStatus)
    default:
      return nil
    }
  }

  /// Writes a line on standard error.
  package static func complain(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Shows how far something is, on one line of standard error that is written over; nothing when that is no screen. Empty: clears it.
  package static func progress(_ text: String) {
    guard isatty(2) == 1 else { return }
    let line = Array("\r\u{1B}[K\(text)".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }

  /// Writes on standard output, at once.
  package static func say(_ text: String, terminator: String = "\n") {
    print(text, terminator: terminator)
    fflush(nil)
  }
}
