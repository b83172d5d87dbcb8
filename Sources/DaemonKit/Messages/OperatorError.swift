/// An error that is said to a person: a message of the catalogue, its values, and the exit status.
package struct OperatorError: Error, Sendable, CustomStringConvertible {
  package let message: Message
  package let values: [String: String]
  package let status: ExitStatus

  /// Makes an error; `values` fill the message's placeholders.
  package init(_ message: Message, _ values: [String: String] = [:], status: ExitStatus) {
    self.message = message
    self.values = values
    self.status = status
  }

  /// What is printed on standard error: the sentence, and on a line of its own what to do next.
  package func report(in language: Language) -> String { report(.error, in: language) }

  /// The same, said beside what went well.
  package func note(in language: Language) -> String { report(.note, in: language) }

  private func report(_ mark: Phrase, in language: Language) -> String {
    let mark = mark.text(in: language)
    let text = "\(mark)\(message.text(values, in: language)) [\(message.code)]"
    guard let hint = message.hint(values, in: language) else { return text }
    return "\(text)\n\(Phrase.hint.text(in: language))\(hint)"
  }

  package var description: String { report(in: .english) }
}
