import PostgresStore
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing
import SeededRandom

/// PostgreSQL is the oracle: a text is canonical when `jsonb` prints it back unchanged.
@Suite("The canonical form of JSON")
struct CanonicalJSONTests {
  private func document(_ depth: Int, _ rng: inout SplitMix64) -> String {
    let strings = [
      "", "a", "b", "aa", "键", "\u{10FFFF}", "\\n", "\\\\", "\\\"", "\\u0001", "\\u001f", "\\u007f",
      "\\/", "\\u0041", "\\u4e2d", "\\ud83d\\ude00", "\\ud800", "\\u0000", "\\b\\f\\r\\t", "\u{7F}",
    ]
    let numbers = [
      "0", "-0", "1", "-1", "1.0", "1.50", "-0.0", "1e2", "1E-2", "01", "1.", ".5", "+1",
      "12345678901234567890123", "NaN", "0.000000000000000000001",
    ]
    func string() -> String { "\"\(strings.randomElement(using: &rng) ?? "")\"" }
    let space = rng.chance(0.97) ? " " : ["", "  ", "\n"].randomElement(using: &rng) ?? ""
    switch Int.random(in: 0..<(depth > 3 ? 4 : 7), using: &rng) {
    case 0: return ["true", "false", "null", "True", "nul"].randomElement(using: &rng) ?? "null"
    case 1, 2: return string()
    case 3: return numbers.randomElement(using: &rng) ?? "0"
    case 4, 5:
      var keys = (0..<Int.random(in: 0..<4, using: &rng)).map { _ in string() }
      if rng.chance(0.8) {
        keys = Array(Set(keys)).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
      }
      let pairs = keys.map { "\($0):\(space)\(document(depth + 1, &rng))" }
      return "{\(pairs.joined(separator: ",\(space)"))}"
    default:
      let items = (0..<Int.random(in: 0..<4, using: &rng)).map { _ in document(depth + 1, &rng) }
      return "[\(items.joined(separator: ",\(space)"))]"
    }
  }

  @Test("is what the database prints, neither more nor less")
  func oracle() throws {
    let database = try TestDatabase()
    let connection = try Connection(database.conninfo)
    let seed = UInt64.random(in: 0...999_999)
    var rng = SplitMix64(seed: seed)
    var canonical = 0
    let rounds = 4000
    for _ in 0..<rounds {
      let text = document(0, &rng)
      let printed = try? connection.query("SELECT $1::jsonb::text", [.text(text)]).text(0, 0)
      let isSame = printed.map { $0.utf8.elementsEqual(text.utf8) } ?? false
      #expect(CanonicalJSON.isCanonical(text) == isSame, "seed \(seed): \(text)")
      if let printed { #expect(CanonicalJSON.isCanonical(printed), "seed \(seed): \(printed)") }
      if isSame { canonical += 1 }
    }
    #expect(canonical > rounds / 10 && canonical < rounds)
  }

  @Test("ends 255 levels deep, which the database holds and checks")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(CanonicalJSON.isCanonical(nested(255)))
    #expect(!CanonicalJSON.isCanonical(nested(256)))
    let database = try TestDatabase()
    let application = try database.application()
    func insert(_ key: String, _ depth: Int) -> PostgresError? {
      refusal(
        application,
        """
        INSERT INTO ledger.thing (thing_id, home, details)
        VALUES ('\(key)', '\(Samples.village)', '\(nested(depth))')
        """)
    }
    #expect(insert("a", 255) == nil)
    #expect(insert("b", 256)?.sqlState == "HJ002")
  }
}
