import Foundation
import Governance
import Testing

/// An example of `docs/SCOPES.md`, with the problems that it is marked with.
private struct Example: CustomTestStringConvertible {
  let line: Int
  let text: String
  /// `severity: part of the message`, in the order of the lines.
  let marks: [String]

  var testDescription: String { "line \(line)" }

  /// The policy: a fragment of rules stands in a small one.
  var policy: String {
    if text.contains("epoch:") { return text }
    let head = "epoch: 1\nregion: 450000000000\ntiers: [region, county, town, village]\nrules:\n"
    return head + text
  }

  static func all() throws -> [Example] {
    let folder = Samples.config.split(separator: "/").dropLast().joined(separator: "/")
    let document = try String(contentsOfFile: "/\(folder)/docs/SCOPES.md", encoding: .utf8)
    var examples: [Example] = []
    var open: (line: Int, lines: [String])?
    for (number, part) in document.components(separatedBy: "\n").enumerated() {
      if let block = open, part == "```" {
        examples.append(
          Example(
            line: block.line, text: block.lines.joined(separator: "\n"),
            marks: block.lines.compactMap(mark)))
        open = nil
      } else if part == "```yaml" {
        open = (number + 1, [])
      } else {
        open?.lines.append(part)
      }
    }
    return examples
  }

  private static func mark(_ line: String) -> String? {
    for severity in ["error", "warning"] {
      if let found = line.range(of: "# \(severity): ") {
        return "\(severity): \(line[found.upperBound...])"
      }
    }
    return nil
  }
}

@Suite("The policy language's document")
struct ScopesDocumentTests {
  @Test("Every example passes, or shows exactly the problems that it is marked with")
  func examples() throws {
    let catalog = try Samples.catalog()
    let examples = try Example.all()
    #expect(examples.count > 20)
    for example in examples {
      let found = PolicyCheck.problems(
        Array(example.policy.utf8), catalog: catalog, asOf: CalendarDay("2026-11-22"))
      var left = found.map { "\($0.severity.rawValue): \($0.message)" }
      for mark in example.marks {
        let parts = mark.split(separator: ": ", maxSplits: 1).map(String.init)
        let at = left.firstIndex { $0.hasPrefix(parts[0]) && $0.contains(parts[1]) }
        #expect(at != nil, "example at line \(example.line): no \(mark) among \(left)")
        if let at { left.remove(at: at) }
      }
      #expect(left == [], "example at line \(example.line) says more")
      for problem in found {
        #expect(problem.line > 0 && problem.column > 0)
        if problem.rule == nil { #expect(problem.message.contains("gated")) }
      }
    }
  }

  @Test("A marked line is the line that the problem names")
  func lines() throws {
    let catalog = try Samples.catalog()
    for example in try Example.all() where example.text.contains(" # error: ") {
      let lines = example.policy.components(separatedBy: "\n")
      let marked = lines.indices.filter { lines[$0].contains("  # error: ") }.map { $0 + 1 }
      let found = PolicyCheck.problems(Array(example.policy.utf8), catalog: catalog)
      #expect(Set(found.map(\.line)) == Set(marked), "example at line \(example.line)")
    }
  }
}
