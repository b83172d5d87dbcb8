import Governance
private import Yams

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
  private let entries: [String: ConfigNode]
  private let problems: ConfigProblems

  /// Reads a file whose top is a mapping; nil when that fails, with the reason among the problems.
  package init?(text: String, keys: [String], problems: ConfigProblems) {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        problems.add(line: 1, .yamlWrongKind, Self.kind("", Phrase("映射", "a mapping")))
        return nil
      }
      self.init(ConfigNode(node), name: "", keys: keys, problems: problems)
    } catch let error as YamlError {
      problems.add(line: Self.line(of: error), .yamlSyntax, ["detail": Self.detail(of: error)])
      return nil
    } catch {
      problems.add(line: 0, .yamlSyntax, ["detail": "\(error)"])
      return nil
    }
  }

  private init?(_ node: ConfigNode, name: String, keys: [String], problems: ConfigProblems) {
    guard case .map(let pairs) = node.content else {
      problems.add(line: node.line, .yamlWrongKind, Self.kind(name, Phrase("映射", "a mapping")))
      return nil
    }
    self.name = name
    self.problems = problems
    line = node.line
    var entries: [String: ConfigNode] = [:]
    for (key, value) in pairs {
      if !keys.contains(key.text) {
        Self.unknown(key, among: keys, problems)
      } else if entries.updateValue(value, forKey: key.text) != nil {
        problems.add(line: key.line, .yamlRepeated, ["key": key.text])
      }
    }
    self.entries = entries
  }

  /// Whether the key is there.
  package func has(_ key: String) -> Bool { entries[key] != nil }

  /// Where a key below this mapping begins, as `identity.tls`; where the nearest mapping around it does, when it is absent.
  package func line(of key: String) -> Int {
    var line = line
    var entries = entries
    for part in key.split(separator: ".") {
      guard let node = entries[String(part)] else { break }
      line = node.line
      guard case .map(let pairs) = node.content else { break }
      entries = Dictionary(pairs.map { ($0.text, $1) }) { first, _ in first }
    }
    return line
  }

  /// A scalar; nil when absent or, with a problem, when it is no scalar.
  package func text(_ key: String) -> ConfigText? {
    guard let node = entries[key] else { return nil }
    guard case .text(let text) = node.content, !text.isEmpty else {
      problems.add(line: node.line, .yamlWrongKind, kind(key, Phrase("文本", "a text")))
      return nil
    }
    return ConfigText(text: text, line: node.line)
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
    guard case .list(let nodes) = node.content else {
      problems.add(line: node.line, .yamlWrongKind, kind(key, Phrase("列表", "a list")))
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

  private static func line(of error: YamlError) -> Int {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      mark.line
    case .duplicatedKeysInMapping(_, let context): context.mark.line
    default: 0
    }
  }

  private static func detail(of error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _),
      .composer(_, let problem, _, _):
      problem
    case .duplicatedKeysInMapping(let keys, _):
      "a key appears twice: \(keys.sorted().joined(separator: ", "))"
    default: "\(error)"
    }
  }
}

/// What the library read, without its types in our signatures.
private struct ConfigNode {
  enum Content {
    case text(String)
    case list([ConfigNode])
    case map([(ConfigText, ConfigNode)])
    case other
  }
  let content: Content
  let line: Int

  init(_ node: Node) {
    line = node.mark?.line ?? 0
    switch node {
    case .scalar(let scalar): content = .text(scalar.string)
    case .sequence(let sequence): content = .list(sequence.map { ConfigNode($0) })
    case .mapping(let mapping):
      content = .map(
        mapping.map { pair in
          let key = pair.key
          let text = ConfigText(text: key.scalar?.string ?? "?", line: key.mark?.line ?? 0)
          return (text, ConfigNode(pair.value))
        })
    case .alias: content = .other
    }
  }
}
