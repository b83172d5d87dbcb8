import Governance

/// A scalar of a configuration file, and its line.
package struct ConfigText: Sendable, Hashable {
  package let text: String
  package let line: Int
}

/// A mapping of a configuration file. Keys that nobody knows are problems; so are values of the wrong kind.
///
/// Reading goes on after a problem, so that all of them are found; nil then stands for what could not be read.
package struct ConfigMap {
  /// The line where the mapping begins.
  package let line: Int
  private let name: String
  private let entries: [String: DocumentTree]
  private let problems: ConfigProblems

  /// Reads a file whose top is a mapping; nil when that fails, with the reason among the problems.
  package init?(text: String, keys: [String], problems: ConfigProblems) {
    let (tree, found) = DocumentTree.read(text, file: problems.file)
    for problem in found {
      let detail = problem.message + (problem.hint.map { "; \($0)" } ?? "")
      problems.add(line: problem.line, .yamlSyntax, ["detail": detail])
    }
    guard let tree, found.isEmpty else { return nil }
    self.init(tree, name: "", keys: keys, problems: problems)
  }

  private init?(
    _ tree: DocumentTree, name: String, keys: [String], problems: ConfigProblems
  ) {
    guard case .map(let pairs, let place) = tree else {
      problems.add(
        line: tree.place.line, .yamlWrongKind, Self.kind(name, Phrase("映射", "a mapping")))
      return nil
    }
    self.name = name
    self.problems = problems
    line = place.line
    for pair in pairs where !keys.contains(pair.key) {
      Self.unknown(ConfigText(text: pair.key, line: pair.place.line), among: keys, problems)
    }
    entries = Dictionary(pairs.map { ($0.key, $0.value) }) { first, _ in first }
  }

  /// Whether the key is there.
  package func has(_ key: String) -> Bool { entries[key] != nil }

  /// Where a key below this mapping begins, as `identity.tls`; where the nearest mapping around it does, when it is absent.
  package func line(of key: String) -> Int {
    var line = line
    var entries = entries
    for part in key.split(separator: ".") {
      guard let node = entries[String(part)] else { break }
      line = node.place.line
      guard case .map(let pairs, _) = node else { break }
      entries = Dictionary(pairs.map { ($0.key, $0.value) }) { first, _ in first }
    }
    return line
  }

  /// A scalar; nil when absent or, with a problem, when it is no scalar.
  package func text(_ key: String) -> ConfigText? {
    guard let node = entries[key] else { return nil }
    guard case .scalar(let text?, let place) = node, !text.isEmpty else {
      problems.add(line: node.place.line, .yamlWrongKind, kind(key, Phrase("文本", "a text")))
      return nil
    }
    return ConfigText(text: text, line: place.line)
  }

  /// A scalar that must be there.
  package func requiredText(_ key: String) -> ConfigText? {
    if !has(key) { problems.add(line: line, .yamlMissing, ["key": full(key)]) }
    return text(key)
  }

  /// A whole number within a range.
  package func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let text = text(key) else { return nil }
    guard let number = Int(text.text), range.contains(number) else {
      let bounds = "\(range.lowerBound)–\(range.upperBound)"
      problems.invalid(
        text, full(key), expected: Phrase("\(bounds) 的整数", "a whole number in \(bounds)"))
      return nil
    }
    return number
  }

  /// A mapping below this one; nil when absent.
  package func map(_ key: String, keys: [String]) -> ConfigMap? {
    entries[key].flatMap { ConfigMap($0, name: full(key), keys: keys, problems: problems) }
  }

  /// A mapping that must be there.
  package func requiredMap(_ key: String, keys: [String]) -> ConfigMap? {
    if !has(key) { problems.add(line: line, .yamlMissing, ["key": full(key)]) }
    return map(key, keys: keys)
  }

  /// A list of mappings; empty when absent.
  package func maps(_ key: String, keys: [String]) -> [ConfigMap] {
    guard let node = entries[key] else { return [] }
    guard case .list(let nodes, _) = node else {
      problems.add(line: node.place.line, .yamlWrongKind, kind(key, Phrase("列表", "a list")))
      return []
    }
    return nodes.compactMap { ConfigMap($0, name: full(key), keys: keys, problems: problems) }
  }

  private func full(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
  private func kind(_ key: String, _ kind: Phrase) -> [String: String] {
    Self.kind(full(key), kind)
  }

  private static func kind(_ key: String, _ kind: Phrase) -> [String: String] {
    [
      "key": key.isEmpty ? "YAML" : key, "expectedZh": kind.chinese, "expectedEn": kind.english,
    ]
  }

  private static func unknown(_ key: ConfigText, among keys: [String], _ problems: ConfigProblems) {
    if let nearest = Spelling.nearest(to: key.text, among: keys) {
      problems.add(line: key.line, .yamlUnknownKeyNear, ["key": key.text, "nearest": nearest])
    } else {
      let known = keys.joined(separator: ", ")
      problems.add(line: key.line, .yamlUnknownKey, ["key": key.text, "known": known])
    }
  }
}
