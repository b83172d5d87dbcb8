import Foundation
import Testing

/// What the documents say of the tree is true.
@Suite struct DocumentTests {
  private let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func everyLinkOfADocumentLeadsToAFile() throws {
    var checked = 0
    for document in try documents() {
      let text = try String(contentsOf: document, encoding: .utf8)
      for match in text.matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) where !match.1.contains("://") {
        let target = document.deletingLastPathComponent().appending(path: String(match.1))
        checked += 1
        #expect(
          FileManager.default.fileExists(atPath: target.standardizedFileURL.path),
          "\(document.lastPathComponent) links to \(match.1), which does not exist")
      }
    }
    #expect(checked > 20)
  }

  @Test func everyInvariantNamesTestsThatExist() throws {
    let text = try String(
      contentsOf: root.appending(path: "docs/INVARIANTS.md"), encoding: .utf8)
    let named = text.matches(of: /`([A-Z][A-Za-z]+(?:Tests|Conformance))(\.([a-z][A-Za-z]+))?`/)
    #expect(named.count >= 10)
    let files = try sources(under: "Tests") + sources(under: "Sources/ReplicationTestKit")
    let tests = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    for name in named {
      let suite = String(name.1)
      #expect(
        tests.contains("struct \(suite)") || tests.contains("enum \(suite)"),
        "INVARIANTS.md names \(suite), which does not exist")
      guard let test = name.3 else { continue }
      #expect(tests.contains("func \(test)("), "INVARIANTS.md names \(suite).\(test)")
    }
  }

  @Test func noSourceFileIsLongerThanFourHundredLines() throws {
    for file in try sources(under: "Sources") + sources(under: "Tests") {
      if file.path.contains("/Generated/") || file.path.contains("/WireProtocol/") { continue }
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 401, "\(file.lastPathComponent) has \(lines.count) lines")
    }
  }

  private func documents() throws -> [URL] {
    var found = [root.appending(path: "README.md")]
    let docs = FileManager.default.enumerator(
      at: root.appending(path: "docs"), includingPropertiesForKeys: nil)
    for case let url as URL in try #require(docs) where url.pathExtension == "md" {
      found.append(url)
    }
    return found
  }

  private func sources(under folder: String) throws -> [URL] {
    let files = FileManager.default.enumerator(
      at: root.appending(path: folder), includingPropertiesForKeys: nil)
    return try #require(files).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }
}
