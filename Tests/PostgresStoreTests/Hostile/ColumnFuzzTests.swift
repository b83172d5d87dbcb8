import FuzzKit
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed
import Testing

/// What the rules let pass must stand in a table and come back as it was: a value that the database refuses would stop a whole parcel.
@Suite("Mutated values and keys in typed columns")
struct ColumnFuzzTests {
  private static let fields: [FieldID] = [
    .home, .place, .name, .amount, .price, .born, .seen, .active, .tag, .details, .identity,
  ]

  private func values() -> [Value] {
    [
      .null, .bool(true), .bool(false), .integer(0), .integer(.min), .integer(.max), .integer(-1),
      .decimal("0"), .decimal("-1.50"), .decimal("0.000"), .decimal("99999999999999999999.1"),
      .text(""), .text("甲 𠮷\u{301}\n\\.\t\\N"), .text(Samples.village), .date(0), .date(-2_440_588),
      .date(2_145_042_905), .timestamp(0), .timestamp(-210_866_803_200_000_000), .timestamp(.max),
      .uuid(0, .max), .json("null"), .json(#"{"a": [1, 2.50, "é"], "b": {}}"#), .bytes([1, 2]),
      .deleted([]),
    ]
  }

  @Test("What no obstacle names is written, and read again as the same")
  func values() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let ref = Samples.ref("a")
    let samples = values().enumerated().map { number, value in
      var writer = ByteWriter()
      writer.value(value)
      return ("value-\(number)", writer.bytes)
    }
    var index: UInt64 = 0
    try await Fuzzer("columns", samples: samples, words: ["0", ".", "-", "\"", "\0", "\u{FFFF}"])
      .drive { bytes, _ in
        var reader = ByteReader(bytes)
        guard let value = try? reader.value(), reader.isAtEnd else { return .refused }
        index += 1
        let next = index
        let taken = try await database.store.write { tx -> FieldValues in
          var taken: FieldValues = [:]
          for field in Self.fields {
            let write = FieldWrite(field: field, value: value, rank: 0, base: VersionVector())
            if tx.obstacle(to: [write], of: Samples.ledger) == nil { taken[field] = value }
          }
          _ = try tx.load([ref], lock: true)
          var whole = taken
          if whole[.home] == nil { whole[.home] = .text(Samples.village) }
          _ = try tx.save([ref: author.record(next, whole)])
          return taken
        }
        let held = try await database.store.write { tx in
          try #require(try tx.load([ref], lock: true).records[ref])
        }
        for entry in taken.entries {
          let field = entry.field
          #expect(held[field].siblings.map(\.value) == [entry.value], "\(field)")
        }
        return taken.isEmpty ? .refused : .accepted
      }
  }

  /// A ledger whose key has a type.
  private static func ledger(_ id: Int, _ key: String) -> CatalogFile {
    CatalogFile(
      name: "by_\(key).yaml",
      text: """
        ledger: by_\(key)
        id: \(id)
        title: {zh: 物, en: Thing}
        lane: bulk
        key: {name: thing_id, type: \(key)}
        homes: [home]
        fields:
          - {name: home, id: 2, title: {zh: 家, en: Home}, type: division}
        """)
  }

  @Test("A key that no obstacle names finds its record again, and only its own")
  func keys() async throws {
    let files = [
      CatalogFile(name: "thing.yaml", text: Samples.thing), Self.ledger(21, "bigint"),
      Self.ledger(22, "uuid"),
    ]
    let catalog = try Catalog(files: files)
    let database = try TestDatabase(
      catalog, policy: CompiledPolicy(Array(Samples.rules.utf8), catalog: catalog))
    let author = try Author()
    let texts = [
      "a", "甲", "\\N", "\\.", "1", "-9223372036854775808", "007", "+1", "-0",
      "00000000-0000-4000-8000-0123456789ab", "00000000-0000-4000-8000-0123456789AB",
    ]
    let samples = texts.enumerated().map { ("key-\($0.offset)", Array($0.element.utf8)) }
    let words = ["\0", "\t", "-", "0", "\u{301}", "9223372036854775807", "A"]
    var index: UInt64 = 0
    try await Fuzzer("keys", samples: samples, words: words).drive { bytes, _ in
      guard let key = String(validating: bytes, as: UTF8.self) else { return .refused }
      index += 1
      let next = index
      var taken = 0
      for ledger in [Samples.ledger, LedgerID(21), LedgerID(22)] {
        let ref = RecordRef(ledger, key)
        let record = author.record(next, [.home: .text(Samples.village)])
        let isTaken = try await database.store.write { tx -> Bool in
          guard tx.obstacle(to: ref) == nil else { return false }
          _ = try tx.load([ref], lock: true)
          _ = try tx.save([ref: record])
          return true
        }
        guard isTaken else { continue }
        taken += 1
        let held = try await database.store.write { try $0.load([ref], lock: true).records[ref] }
        #expect(held?[.home].siblings.map(\.dot) == [Dot(author.replica, next)], "\(ledger)")
      }
      return taken > 0 ? .accepted : .refused
    }
  }
}
