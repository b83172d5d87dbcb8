import Yams

extension DocumentTree {
  /// The most bytes that a document may have.
  static let maximumBytes = 1 << 20
  /// How deep lists and maps may lie in one another.
  static let maximumDepth = 16

  /// Reads one YAML document; nil, with the problems, when it cannot be read as a whole.
  package static func read(
    _ text: String, file: String
  ) -> (tree: DocumentTree?, problems: [Problem]) {
    var log = ProblemLog(file: file)
    let tree = read(text, log: &log)
    return (tree, log.list)
  }

  /// Reads one YAML document. Notes problems and returns nil when it cannot be read as a whole.
  ///
  /// Aliases are refused: a page of them can stand for more text than any memory holds.
  static func read(_ text: String, log: inout ProblemLog) -> DocumentTree? {
    guard text.utf8.count <= maximumBytes else {
      log.note("the document is larger than \(maximumBytes) bytes", at: .whole)
      return nil
    }
    if let place = alias(in: text) {
      log.note("aliases are not allowed", at: place, hint: "write the value out, or quote it")
      return nil
    }
    do {
      guard let node = try Parser(yaml: text, encoding: .utf8).singleRoot() else {
        log.note("the document is empty", at: .whole)
        return nil
      }
      return convert(node, depth: 0, log: &log)
    } catch let error as YamlError {
      note(error, log: &log)
    } catch {
      log.note("the document cannot be read", at: .whole)
    }
    return nil
  }

  private static func convert(_ node: Node, depth: Int, log: inout ProblemLog) -> DocumentTree? {
    let place = node.mark.map { Place(line: $0.line, column: $0.column) } ?? .whole
    guard depth <= maximumDepth else {
      log.note("nested deeper than \(maximumDepth) levels", at: place)
      return nil
    }
    switch node {
    case .scalar(let scalar):
      let isAbsent = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
      return .scalar(isAbsent ? nil : scalar.string, place)
    case .sequence(let sequence):
      return .list(sequence.compactMap { convert($0, depth: depth + 1, log: &log) }, place)
    case .mapping(let mapping):
      var entries: [Entry] = []
      entries.reserveCapacity(mapping.count)
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key else {
          log.note("a key must be a text", at: place)
          continue
        }
        let keyPlace = scalar.mark.map { Place(line: $0.line, column: $0.column) } ?? place
        guard !entries.contains(where: { $0.key.utf8.elementsEqual(scalar.string.utf8) }) else {
          log.note("the key \"\(Spelling.shown(scalar.string))\" is there twice", at: keyPlace)
          continue
        }
        guard let tree = convert(value, depth: depth + 1, log: &log) else { continue }
        entries.append(Entry(key: scalar.string, place: keyPlace, value: tree))
      }
      return .map(entries, place)
    case .alias:
      log.note("aliases are not allowed", at: place)
      return nil
    }
  }

  private static func note(_ error: YamlError, log: inout ProblemLog) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      log.note(problem, at: Place(line: mark.line, column: mark.column))
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "\"\(Spelling.shown($0))\"" }.joined(separator: ", ")
      let place = Place(line: context.mark.line, column: context.mark.column)
      log.note("the key \(names) is there twice", at: place)
    case .reader(let problem, let offset, _, let yaml):
      let before = yaml.prefix(offset ?? 0)
      let line = before.reduce(1) { $1.isNewline ? $0 + 1 : $0 }
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      log.note(problem, at: Place(line: line, column: column))
    default:
      log.note("the document cannot be read", at: .whole)
    }
  }

  /// The first thing that looks like an alias: `*name` where a value or key may begin.
  private static func alias(in text: String) -> Place? {
    var place = Place(line: 1, column: 0)
    var mayBegin = true
    var wasSpace = true
    var isComment = false
    var iterator = text.unicodeScalars.makeIterator()
    var current = iterator.next()
    while let scalar = current {
      current = iterator.next()
      place.column += 1
      switch scalar {
      case "\n":
        place = Place(line: place.line + 1, column: 0)
        mayBegin = true
        wasSpace = true
        isComment = false
        continue
      case " ", "\t":
        wasSpace = true
        continue
      case "#" where wasSpace: isComment = true
      case "*" where mayBegin && !isComment && current != " ": return place
      default: break
      }
      mayBegin = [":", "-", "?", "[", "{", ",", "!"].contains(scalar)
      wasSpace = false
    }
    return nil
  }
}
