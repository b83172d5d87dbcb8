import FuzzKit
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

/// Whatever an application puts into `huijia.seen`: its write is taken, or refused with a code of ours that says what to do.
@Suite("Mutated version tokens")
struct TokenFuzzTests {
  private let database: TestDatabase
  private let app: Connection

  init() throws {
    database = try TestDatabase()
    app = try database.application()
  }

  /// Tokens of a record written here alone, and of one with several values of a field.
  private func tokens() async throws -> [String] {
    let (author, other) = (try Author(Samples.village), try Author(Samples.neighbour))
    try app.execute("\(Samples.insert("a")); \(Samples.insert("b"))")
    try await author.seal(database.store)
    let ref = Samples.ref("b")
    try await database.store.write { tx in
      var record = try #require(try tx.load([ref], lock: true).records[ref])
      record[.name] = Register(
        record[.name].siblings
          + Register([other.sibling(9, .text("乙"))]).from(.link(other.replica.node)).siblings)
      _ = try tx.save([ref: record])
    }
    return try ["a", "b"].map { key in
      try #require(
        try app.query("SELECT huijia.version('thing', $1)", [.text(key)]).text(0, 0))
    }
  }

  /// Tries a write with a token, and takes what was captured away again.
  private func attempt(_ token: String) async throws -> Fuzzer.Verdict {
    _ = try app.query("SELECT set_config('huijia.seen', $1, false)", [.text(token)])
    if let error = refusal(
      app, "UPDATE ledger.thing SET name = gen_random_uuid()::text WHERE thing_id = 'a'")
    {
      #expect(["HJ002", "HJ004"].contains(error.sqlState), "\(error)")
      #expect(!error.hint.isEmpty)
      return .refused
    }
    let writes = try await database.store.write { tx in
      try tx.takeCaptured(of: nil, limit: 10)
    }
    #expect(writes.map(\.ref) == [Samples.ref("a")])
    #expect(writes.first?.context(of: .name) != nil || token.isEmpty)
    return .accepted
  }

  @Test("Bytes under a right mark never trap the database or the node")
  func contents() async throws {
    let samples = try await tokens().enumerated().map { number, token in
      ("seen-\(number)", try #require(Self.bytes(of: token)))
    }
    let daemon = try Connection(database.conninfo)
    try await Fuzzer("seen", samples: samples).drive { bytes, random in
      let mark = try daemon.query("SELECT huijia.version_mark('thing', 'a', $1)", [.bytes(bytes)])
      let kind = Bool.random(using: &random) ? "v1a" : "v1p"
      let hexadecimal = bytes.map { Digits.hexadecimal($0) }.joined()
      return try await attempt("\(kind)-\(try #require(mark.text(0, 0)))-\(hexadecimal)")
    }
  }

  @Test("A token of any text is a version of this record, or refused")
  func texts() async throws {
    var samples: [(String, [UInt8])] = []
    for token in try await tokens() {
      let waiting = "v1p" + token.dropFirst(3)
      for text in [token, waiting] { samples.append(("token-\(samples.count)", Array(text.utf8))) }
    }
    let words = ["v1a-", "v1p-", "-", "00", "\\x", "'", "\u{661}", "v2a-"]
    try await Fuzzer("tokens", samples: samples, words: words).drive { bytes, _ in
      // The database takes only text without a zero; everything else ends before any code of ours.
      guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
        return .refused
      }
      return try await attempt(text)
    }
  }

  private static func bytes(of token: String) -> [UInt8]? {
    let digits = Array(token.utf8.dropFirst(21))
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16) ?? 0
    }
  }
}
