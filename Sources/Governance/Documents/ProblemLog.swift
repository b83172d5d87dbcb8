/// Collects the problems of a document while it is read, so that all are told at once.
struct ProblemLog {
  private(set) var list: [Problem] = []
  /// The document that places refer to.
  var file: String
  /// The rule that is being read, where rules are.
  var rule: String?

  init(file: String) { self.file = file }

  var isEmpty: Bool { list.isEmpty }

  /// Notes a problem at a place of the current document.
  mutating func note(_ message: String, at place: Place, hint: String? = nil) {
    list.append(
      Problem(
        file: file, line: place.line, column: place.column, message: message, hint: hint,
        rule: rule))
  }

  /// Notes a name that is not known, with the nearest one that is.
  mutating func noteUnknown(
    _ kind: String, _ name: String, at place: Place, known: some Sequence<String>
  ) {
    let names = known.sorted()
    let hint =
      Spelling.nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
      ?? (names.isEmpty ? nil : "known: \(names.prefix(20).joined(separator: ", "))")
    note("unknown \(kind) \"\(Spelling.shown(name))\"", at: place, hint: hint)
  }

  /// Throws when anything was noted.
  func check() throws(Problems) {
    guard !list.isEmpty else { return }
    let order = list.enumerated().sorted { a, b in
      let x = a.element
      let y = b.element
      if x.file != y.file { return x.file < y.file }
      return (x.line, x.column, a.offset) < (y.line, y.column, b.offset)
    }
    throw Problems(order.map(\.element))
  }
}

/// A place in a document: line and column count from 1.
package struct Place: Sendable, Hashable {
  package var line: Int
  var column: Int
  /// The document as a whole.
  static let whole = Place(line: 0, column: 0)
}
