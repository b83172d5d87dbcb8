import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

/// A disk or a hand has damaged what a node keeps of a record.
@Suite("Damaged state of a record")
struct DamagedStateTests {
  /// Three records: `a` and `b` stand in the version column, `c` (two values) in a body.
  private func database() async throws -> (TestDatabase, Author, [RecordRef: Record]) {
    let database = try TestDatabase()
    let author = try Author()
    let whole = author.record(1, [.home: .text(Samples.village), .name: .text("甲")])
    var forked = whole
    forked[.name] = Register(whole[.name].siblings + [author.sibling(9, .text("乙"))])
    let records = [Samples.ref("a"): whole, Samples.ref("b"): whole, Samples.ref("c"): forked]
    try await author.receive(records, database.store)
    return (database, author, records)
  }

  static let damages = [
    "UPDATE ledger.thing SET _v = '\\xdeadbeef' WHERE thing_id = 'b'",
    "UPDATE ledger.thing SET _v = substr(_v, 1, length(_v) - 3) WHERE thing_id = 'b'",
    "UPDATE ledger.thing SET _v = '\\x01' WHERE thing_id = 'b'",
    "UPDATE huijia.record SET body = '\\xdeadbeef' WHERE key = 'c'",
  ]

  @Test(
    "hides that record alone from a comparison and from work, and says so once", arguments: damages)
  func hidden(_ damage: String) async throws {
    let (database, author, records) = try await database()
    try database.daemon().execute(damage)
    let gone = damage.contains("'b'") ? Samples.ref("b") : Samples.ref("c")
    let rest = records.keys.filter { $0 != gone }.sorted()
    let outlines = try await database.store.read { tx in
      try tx.outlines(
        Samples.ledger, routing: [.home, .place], near: nil, after: nil, through: nil, limit: 9
      )
      .records.map(\.0)
    }
    #expect(outlines == rest.map(\.key))
    for _ in 0..<2 {
      let loaded = try await database.store.write { try $0.load(records.keys.sorted(), lock: true) }
      #expect(loaded.records.keys.sorted() == rest && loaded.busy.isEmpty)
    }
    #expect(
      try database.text("SELECT string_agg(code || ' ' || key, ',') FROM huijia.quarantine")
        == "damaged \(gone.key)")
    // What a peer tells of it takes its place.
    try await author.receive([gone: records[gone] ?? Record()], database.store)
    let mended = try await database.store.read { try $0.load([gone], lock: false).records[gone] }
    #expect(mended == records[gone])
  }

  @Test("is not what another version of the program wrote: that stops the work")
  func otherVersion() async throws {
    let (database, _, _) = try await database()
    try database.daemon().execute(
      "UPDATE ledger.thing SET _v = '\\x03' || substr(_v, 2) WHERE thing_id = 'b'")
    await #expect(throws: StoreError.self) {
      try await database.store.read { try $0.load([Samples.ref("b")], lock: false) }
    }
  }

  @Test("of very many records stops the work")
  func bounded() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let whole = author.record(1, [.home: .text(Samples.village)])
    let refs = (0..<101).map { Samples.ref("k\($0)") }
    try await author.receive(
      Dictionary(uniqueKeysWithValues: refs.map { ($0, whole) }), database.store)
    try database.daemon().execute("UPDATE ledger.thing SET _v = '\\xdeadbeef'")
    await #expect(throws: StoreError.self) {
      try await database.store.read { try $0.load(refs, lock: false) }
    }
  }
}
