/// One thing wrong in a configuration file, with its line.
package struct ConfigProblem: Sendable {
  package let file: String
  /// From 1; 0 when the file as a whole is meant.
  package let line: Int
  package let message: Message
  package let values: [String: String]

  /// `file:line: sentence`.
  package func text(in language: Language) -> String {
    let place = line > 0 ? "\(file):\(line)" : file
    return "\(place): \(message.text(values, in: language))"
  }
}

/// Collects what is wrong in one file, so that everything is said at once.
package final class ConfigProblems {
  package let file: String
  package private(set) var all: [ConfigProblem] = []

  /// Starts with none.
  package init(file: String) { self.file = file }

  /// Adds a problem; `line` 0 means the whole file.
  package func add(line: Int, _ message: Message, _ values: [String: String] = [:]) {
    all.append(ConfigProblem(file: file, line: line, message: message, values: values))
  }

  /// Adds `value-invalid` for a value that was read.
  package func invalid(_ value: ConfigText, _ key: String, expected: Phrase) {
    add(
      line: value.line, .valueInvalid,
      [
        "key": key, "value": value.text, "expectedZh": expected.chinese,
        "expectedEn": expected.english,
      ])
  }

  /// Throws all problems, in the order of their lines, if there are any.
  package func check() throws {
    guard !all.isEmpty else { return }
    throw ConfigError(problems: all.sorted { $0.line < $1.line })
  }
}

/// A configuration file that cannot be used; every problem of it.
package struct ConfigError: Error, Sendable, CustomStringConvertible {
  package let problems: [ConfigProblem]

  /// An error with one problem; `line` 0 means the whole file.
  package init(file: String, line: Int, _ message: Message, _ values: [String: String] = [:]) {
    self.init(
      problems: [ConfigProblem(file: file, line: line, message: message, values: values)])
  }

  init(problems: [ConfigProblem]) { self.problems = problems }

  /// One line a problem, and a last one that says what to do.
  package func report(in language: Language) -> String {
    let file = problems.first?.file ?? ""
    let values = ["path": file, "count": "\(problems.count)"]
    let last = OperatorError(.settingsInvalid, values, status: .usage).report(in: language)
    return (problems.map { $0.text(in: language) } + [last]).joined(separator: "\n")
  }

  package var description: String { report(in: .english) }
}
