/// Something wrong in a document that a person wrote, with its place.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
  /// The document's name, as the operator knows it.
  package let file: String
  /// Counts from 1; 0 when the problem is about the whole document.
  package let line: Int
  /// Counts Unicode scalars from 1; 0 when the problem is about the whole document.
  package let column: Int
  /// What is wrong; never quotes a value of a record.
  package let message: String
  /// What to do about it; nil when the message says it.
  package let hint: String?
  /// The policy's rule that it is about; nil when it is about none, or about another document.
  package let rule: String?
  /// A document with errors is refused; a warning leaves it in use.
  package let severity: Severity

  /// How grave a problem is.
  package enum Severity: String, Sendable, Hashable {
    case error, warning
  }

  package init(
    file: String, line: Int, column: Int, message: String, hint: String? = nil,
    rule: String? = nil, severity: Severity = .error
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.hint = hint
    self.rule = rule
    self.severity = severity
  }

  /// `FILE:LINE:COLUMN: MESSAGE (HINT)`, as editors and compilers have it.
  package var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return "\(place): \(message)" + (hint.map { " (\($0))" } ?? "")
  }
}

/// All problems of one or more documents, in the order of their places.
package struct Problems: Error, Sendable, Hashable, CustomStringConvertible {
  package let list: [Problem]

  package init(_ list: [Problem]) { self.list = list }

  /// One problem a line.
  package var description: String { list.map(\.description).joined(separator: "\n") }
}
