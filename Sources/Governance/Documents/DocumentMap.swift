/// A map that knows which keys it may have; what is not asked for is an error.
struct DocumentMap {
  let place: Place
  private let entries: [DocumentTree.Entry]

  /// Takes a map whose keys are all among `known`; notes the others. Nil, noted, when it is not a map.
  init?(_ tree: DocumentTree, _ what: String, known: [String], log: inout ProblemLog) {
    guard case .map(let entries, let place) = tree else {
      log.note("\(what) must be a map, not \(tree.kind)", at: tree.place)
      return nil
    }
    for entry in entries where !known.contains(entry.key) {
      log.noteUnknown("key", entry.key, at: entry.place, known: known)
    }
    self.entries = entries
    self.place = place
  }

  /// The value of a key; nil when it is not there.
  subscript(key: String) -> DocumentTree? { entries.first { $0.key == key }?.value }

  /// Where a key stands; the map's place when it is not there.
  func place(of key: String) -> Place { entries.first { $0.key == key }?.place ?? place }

  /// The text of a key; nil when it is absent, and noted when it is no text.
  func text(_ key: String, log: inout ProblemLog) -> String? {
    guard let tree = self[key] else { return nil }
    return tree.text("\"\(key)\"", log: &log)
  }

  /// The text of a key that must be there.
  func required(_ key: String, log: inout ProblemLog) -> String? {
    guard self[key] != nil else {
      log.note("\"\(key)\" is missing", at: place)
      return nil
    }
    return text(key, log: &log)
  }

  /// A whole number within a range.
  func number(_ key: String, in range: ClosedRange<UInt64>, log: inout ProblemLog) -> UInt64? {
    guard let text = text(key, log: &log) else { return nil }
    guard let number = UInt64(text), range.contains(number) else {
      log.note(
        "\"\(key)\" must be a whole number from \(range.lowerBound) to \(range.upperBound)",
        at: place(of: key))
      return nil
    }
    return number
  }

  /// `true` or `false`; false when absent.
  func flag(_ key: String, log: inout ProblemLog) -> Bool {
    guard let text = text(key, log: &log) else { return false }
    if text != "true", text != "false" {
      log.note("\"\(key)\" must be true or false", at: place(of: key))
    }
    return text == "true"
  }
}

extension DocumentTree {
  /// The text; nil and noted when it is anything else.
  func text(_ what: String, log: inout ProblemLog) -> String? {
    guard case .scalar(let text?, _) = self else {
      log.note("\(what) must be a text, not \(kind)", at: place)
      return nil
    }
    return text
  }

  /// The items of a list, or the one item that stands alone.
  var items: [DocumentTree] {
    switch self {
    case .list(let items, _): items
    case .scalar(nil, _): []
    default: [self]
    }
  }

  /// The entries of a map with names of the writer's own choice; nil and noted when it is no map.
  func entries(_ what: String, log: inout ProblemLog) -> [Entry]? {
    guard case .map(let entries, _) = self else {
      log.note("\(what) must be a map, not \(kind)", at: place)
      return nil
    }
    return entries
  }
}
