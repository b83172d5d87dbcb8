import DaemonKit
import FuzzKit
import LabKit
import ReplicationCore
import Testing

@Suite("Mutated settings, specs and JSON")
struct ConfigFuzzTests {
  private static let words = [
    "*a", "&a", ": ", "- ", "[", "]", "{", "}", "\"", "'", "|", "!!binary ", "<<: ", "\u{0}", "\t",
    "\n", "---\n", "99999999999999999999", "-1", "null", "~", "#", "limits:", "nodes:",
    "450103001005", "[::1]:0", ":", "65536", "/", "..",
  ]

  private func file(_ path: String) throws -> [UInt8] {
    Array(
      try LocalFile.readText(LocalFile.resolve("../../../Config/\(path)", from: #filePath)).utf8)
  }

  /// A directory in which every file that the shipped settings name is there.
  private func home() throws -> Scratch {
    let scratch = try Scratch()
    try LocalFile.makeDirectory(scratch.path("identity"))
    for name in ["root.pem", "tls.pem", "tls.key", "signing.pem", "signing.key"] {
      try LocalFile.write("x", to: scratch.path("identity/\(name)"), mode: 0o600)
    }
    return scratch
  }

  @Test("Mutated settings of a node are read or refused with what is wrong, and never trap")
  func settings() throws {
    let home = try home()
    let samples = [("shipped", try file("node.yaml"))]
    try Fuzzer("settings", samples: samples, words: Self.words).run { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      do {
        let settings = try NodeSettings.parse(text, file: "node.yaml", directory: home.directory)
        #expect(settings.stateDirectory.hasPrefix("/") && settings.controlSocket.hasPrefix("/"))
        #expect(settings.parent.map { $0.node.code.contains(settings.node.code) } != false)
        #expect((1...100_000).contains(settings.limits.sealRows))
        return .accepted
      } catch {
        #expect((error as? ConfigError)?.problems.isEmpty == false, "\(error)")
        return .refused
      }
    }
  }

  @Test("A mutated lab spec is read or refused with what is wrong, and never traps")
  func specs() throws {
    let samples = [("shipped", try file("lab/nanning.yaml"))]
    let directory = LocalFile.resolve("../../../Config/lab", from: #filePath)
    try Fuzzer("specs", samples: samples, words: Self.words).run { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      do {
        let spec = try LabSpec.parse(text, file: "lab.yaml", directory: directory)
        let known = Set(spec.nodes.map(\.node))
        #expect(spec.nodes.count(where: { $0.parent == nil }) == 1)
        #expect(spec.nodes.compactMap(\.parent).allSatisfy { known.contains($0) })
        return .accepted
      } catch let error as OperatorError {
        // A division file that is not there: found after the rest was in order.
        #expect(text.contains("divisions"), "\(error)")
        return .refused
      } catch {
        #expect((error as? ConfigError)?.problems.isEmpty == false, "\(error)")
        return .refused
      }
    }
  }

  @Test("Whatever is read as JSON is written and read again as the same")
  func json() throws {
    let texts = [
      #"{"verb":"status","links":[1,-2,3.5e2,null,true],"名":"\u4e2d\ud83d\ude00\n"}"#,
      "[[[[]]],{}]", "\"\"", "-0.0", #"{"id":9007199254740993,"all":false,"filter":{"code":"x"}}"#,
    ]
    let samples = texts.enumerated().map { ("json-\($0.offset)", Array($0.element.utf8)) }
    let words = ["\\u", "\\ud800", "{\"a\":", "[", "]", "}", "1e999", "-", "\"", "\\", ","]
    try Fuzzer("json", samples: samples, words: words).run { bytes, _ in
      do throws(JSON.ParseError) {
        let json = try JSON(parsing: bytes)
        let again = try JSON(parsing: json.bytes)
        #expect(again.bytes == json.bytes)
        return .accepted
      } catch {
        #expect(error.offset <= bytes.count)
        return .refused
      }
    }
  }
}
