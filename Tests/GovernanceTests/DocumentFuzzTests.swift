import Foundation
import Governance
import ReplicationCore
import Testing

@Suite("Mutated documents")
struct DocumentFuzzTests {
  /// How long each test runs: `HUIJIA_FUZZ_SECONDS`, 2 when unset.
  private var duration: Duration {
    let text = ProcessInfo.processInfo.environment["HUIJIA_FUZZ_SECONDS"]
    return .milliseconds(Int64((text.flatMap { Double($0) } ?? 2) * 500))
  }

  private func seed() -> UInt64 {
    ProcessInfo.processInfo.environment["HUIJIA_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
  }

  private static let pieces: [[UInt8]] = [
    "*a", "&a", "? ", ": ", "- ", "[", "]", "{", "}", "\"", "'", "|", ">", "!!binary ", "<<: ",
    "\\uD800", "\u{FEFF}", "\u{0}", "\t", "\n", "---\n", "...\n", "%YAML 9.9\n",
    "999999999999999999999",
    "rules:", "all", "own", "null", "~", "\u{10FFFF}", "#",
  ].map { Array($0.utf8) }

  private func mutate(_ source: [UInt8], using numbers: inout SeededNumbers) -> [UInt8] {
    var bytes = source
    for _ in 0..<Int.random(in: 1...6, using: &numbers) {
      guard !bytes.isEmpty else { break }
      let at = Int.random(in: 0..<bytes.count, using: &numbers)
      let end = min(bytes.count, at + Int.random(in: 1...40, using: &numbers))
      switch Int.random(in: 0..<6, using: &numbers) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &numbers)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 3: bytes.insert(contentsOf: Self.pieces.randomElement(using: &numbers) ?? [], at: at)
      case 4:
        bytes.replaceSubrange(at..<end, with: Self.pieces.randomElement(using: &numbers) ?? [])
      default: bytes.removeSubrange(at...)
      }
    }
    return bytes
  }

  @Test("A mutated policy is read or refused with places, and never traps")
  func policies() throws {
    let catalog = try Samples.catalog()
    let source = Array(try Samples.policyText().utf8)
    var numbers = SeededNumbers(seed: seed())
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: duration)
    var refused = 0
    while clock.now < end {
      let bytes = mutate(source, using: &numbers)
      do {
        _ = try CompiledPolicy(bytes, catalog: catalog)
      } catch {
        refused += 1
        #expect(!error.list.isEmpty)
        for problem in error.list { #expect(!problem.message.isEmpty) }
      }
    }
    #expect(refused > 0)
  }

  @Test("A mutated ledger or catalog document is read or refused, and never traps")
  func catalogs() throws {
    let catalog = try Samples.catalog()
    let document = catalog.document
    var numbers = SeededNumbers(seed: seed() &+ 1)
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: duration)
    while clock.now < end {
      let bytes = mutate(document, using: &numbers)
      do {
        let read = try Catalog(document: bytes)
        #expect(read.document == bytes)
      } catch { #expect(!error.list.isEmpty) }
      guard let file = catalog.files.randomElement(using: &numbers) else { continue }
      let text = String(decoding: mutate(Array(file.text.utf8), using: &numbers), as: UTF8.self)
      do { _ = try Catalog(files: [CatalogFile(name: file.name, text: text)]) } catch {
        #expect(!error.list.isEmpty)
      }
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
