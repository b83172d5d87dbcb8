import FuzzKit
import Governance
import ReplicationCore
import Testing

@Suite("Mutated documents")
struct DocumentFuzzTests {
  private static let words = [
    "*a", "&a", "? ", ": ", "- ", "[", "]", "{", "}", "\"", "'", "|", ">", "!!binary ", "<<: ",
    "\\uD800", "\u{FEFF}", "\u{0}", "\t", "\n", "---\n", "...\n", "%YAML 9.9\n",
    "999999999999999999999", "rules:", "all", "own", "null", "~", "\u{10FFFF}", "#", "-0", "1e999",
    "0x7fffffffffffffff", "epoch: -1",
  ]

  @Test("A mutated policy is read or refused with places, and never traps")
  func policies() throws {
    let catalog = try Samples.catalog()
    let samples = [("shipped", Array(try Samples.policyText().utf8))]
    try Fuzzer("policies", samples: samples, words: Self.words).run { bytes, _ in
      do throws(Problems) {
        let policy = try CompiledPolicy(bytes, catalog: catalog)
        #expect(policy.bytes == bytes)
        return .accepted
      } catch {
        #expect(!error.list.isEmpty)
        for problem in error.list { #expect(!problem.message.isEmpty) }
        return .refused
      }
    }
  }

  @Test("A mutated catalog is read or refused, and never traps")
  func catalogs() throws {
    let samples = [("shipped", try Samples.catalog().document)]
    try Fuzzer("catalogs", samples: samples, words: Self.words).run { bytes, _ in
      do throws(Problems) {
        let catalog = try Catalog(document: bytes)
        #expect(catalog.document == bytes)
        return .accepted
      } catch {
        #expect(!error.list.isEmpty)
        return .refused
      }
    }
  }

  @Test("A mutated ledger is read or refused, and never traps")
  func ledgers() throws {
    let files = try Samples.catalog().files
    let samples = files.map { ($0.name, Array($0.text.utf8)) }
    try Fuzzer("ledgers", samples: samples, words: Self.words).run { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(Problems) {
        _ = try Catalog(files: [CatalogFile(name: "ledger.yaml", text: text)])
        return .accepted
      } catch {
        #expect(!error.list.isEmpty)
        return .refused
      }
    }
  }

  @Test("What is read as a division code or a node's id is written again as it was")
  func names() throws {
    let texts = [
      "450103001005", "450103000000/civil-affairs", "000000000000", "450103001005/a-1",
    ]
    let samples = texts.enumerated().map { ("name-\($0.offset)", Array($0.element.utf8)) }
    try Fuzzer("names", samples: samples, words: ["/", "-", "٤", "４", "0"]).run { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      if let code = DivisionCode(text) {
        #expect(code.description == text)
        #expect(DivisionCode(number: code.number) == code)
      }
      guard let node = NodeID(text) else { return .refused }
      #expect(node.description == text)
      return .accepted
    }
  }

  @Test("A page of aliases is refused before it is spread out")
  func aliases() throws {
    var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for (one, next) in zip("abcdefghijkl", "bcdefghijklm") {
      let list = [String](repeating: "*\(one)", count: 9).joined(separator: ",")
      text += "? &\(next) [\(list)]\n: x\n"
    }
    let catalog = try Samples.catalog()
    #expect(throws: Problems.self) { try ScopeDocument(Array(text.utf8), catalog: catalog) }
  }
}
