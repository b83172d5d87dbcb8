import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed
import Testing

@Suite("The conflict inbox in the database")
struct ConflictTableTests {
  private let ref = Samples.ref("a")

  /// A record in which two authors wrote the name, with their proofs, saved.
  private func twoNames(
    _ database: TestDatabase, ranks: (UInt8, UInt8) = (0, 0)
  ) async throws -> (record: Record, author: Author, other: Author) {
    let (author, other) = (try Author(), try Author(Samples.neighbour))
    var record = author.record(1, [.home: .text(Samples.village), .name: .text("甲")])
    func ranked(_ author: Author, _ index: UInt64, _ value: String, _ rank: UInt8) -> Sibling {
      Sibling(
        dot: Dot(author.replica, index), value: .text(value), rank: rank, time: Int64(index),
        base: VersionVector(), side: .own)
    }
    record[.name] = Register([ranked(author, 1, "甲", ranks.0), ranked(other, 9, "乙", ranks.1)])
    let saved = record
    try await database.store.write { tx in
      _ = try tx.load([ref], lock: true)
      _ = try tx.save([ref: saved])
      // As receiving does: the proofs come after the records.
      try tx.keep([author.batch([(ref, saved)], from: 1), other.batch([(ref, saved)], from: 9)])
    }
    return (record, author, other)
  }

  private func save(_ record: Record, _ database: TestDatabase) async throws {
    try await database.store.write { tx in
      _ = try tx.load([ref], lock: true)
      _ = try tx.save([ref: record])
    }
  }

  @Test(
    "Every value stands in the view with its author, the shown one first, and goes when the conflict closes"
  )
  func comesAndGoes() async throws {
    let database = try TestDatabase()
    let (record, author, other) = try await twoNames(database)
    let app = try database.application()
    let rows = try app.query(
      """
      SELECT concat_ws(' ', ledger, key, field, kind, value, node, author, tier, rank, shown,
        coalesce(why, '-')) FROM huijia.conflict ORDER BY number
      """)
    #expect(
      (0..<rows.count).map { rows.text($0, 0) } == [
        "thing a name pending 乙 450103001202 test village 0 t later_time",
        "thing a name pending 甲 450103000000 test county 0 f -",
      ])
    let figures = try await database.store.figures()
    #expect(figures.pendingConflicts == 1 && figures.ruledConflicts == 0)
    var joined = record
    joined[.name] = Register([other.sibling(10, .text("合"), base: record[.name].context)])
    try await save(joined, database)
    #expect(try database.number("SELECT count(*) FROM huijia.conflict_value") == 0)
    _ = author
  }

  @Test(
    "Who wrote a value stays in the inbox when its proof has gone and the record is saved again")
  func authorStays() async throws {
    let database = try TestDatabase()
    var (record, author, other) = try await twoNames(database)
    let named = Dot(other.replica, 9)
    try await database.store.write { try $0.redact([named: FieldSet([.name])]) }
    record[.subsidy] = Register([author.sibling(2, .text("1"))])
    try await save(record, database)
    let rows = try database.application().query(
      "SELECT author FROM huijia.conflict WHERE time IS NOT NULL")
    #expect((0..<rows.count).map { rows.text($0, 0) } == ["test", "test"])
  }

  @Test("What rank decided is kept apart from what waits; equal values are no conflict")
  func byRule() async throws {
    let database = try TestDatabase()
    var (record, author, other) = try await twoNames(database, ranks: (2, 1))
    var figures = try await database.store.figures()
    #expect(figures.pendingConflicts == 0 && figures.ruledConflicts == 1)
    let entry = try #require(
      try await database.store.conflicts(ConflictFilter(), limit: 10).first)
    #expect(entry.kind == .byRule && entry.values.map(\.number) == [1, 2])
    #expect(entry.values.map(\.value) == [.text("甲"), .text("乙")])
    #expect(entry.values.map(\.reason) == ["rank", nil])
    #expect(entry.id.utf8.count == 10 && entry.version.utf8.count == 8)
    record[.name] = Register([author.sibling(1, .text("同")), other.sibling(9, .text("同"))])
    try await save(record, database)
    figures = try await database.store.figures()
    #expect(figures.pendingConflicts + figures.ruledConflicts == 0)
  }

  @Test("A withdrawn field leaves nothing behind in the inbox; nor does a withdrawn record")
  func withdrawn() async throws {
    let database = try TestDatabase()
    var (record, _, _) = try await twoNames(database)
    #expect(try database.number("SELECT count(*) FROM huijia.conflict_value") == 2)
    record[.name] = Register()
    try await save(record, database)
    #expect(try database.number("SELECT count(*) FROM huijia.conflict_value") == 0)

    let second = try TestDatabase()
    (record, _, _) = try await twoNames(second)
    #expect(try second.number("SELECT count(*) FROM huijia.conflict_value") == 2)
    var gone = Record()
    gone.departed = NodeID("450103000000")
    try await save(gone, second)
    #expect(try second.number("SELECT count(*) FROM huijia.conflict_value") == 0)
  }

  @Test("A record put back names who deleted it and who wrote without knowing")
  func revival() async throws {
    let database = try TestDatabase()
    let (author, other) = (try Author(), try Author(Samples.neighbour))
    let created = author.record(1, [.home: .text(Samples.village), .name: .text("甲")])
    let edited = author.write(created, 2, [.name: .text("乙")])
    let deletion = other.sibling(5, .deleted([]), base: created[.alive].context)
    var deleted = edited
    deleted[.alive] = Register([deletion])
    let met = Meeting(deletion: deletion.dot, unseen: Dot(author.replica, 2))
    let (batch, revived) = try author.revival(3, of: ref, deleted, met)
    let batches = [
      try author.batch([(ref, created), (ref, edited)], from: 1),
      try other.batch([(ref, deleted)], from: 5), batch,
    ]
    try await database.store.write { tx in
      _ = try tx.load([ref], lock: true)
      _ = try tx.save([ref: revived])
      try tx.keep(batches)
    }
    // A plain row, and it comes back with its mark.
    #expect(try database.number("SELECT count(*) FROM huijia.record") == 0)
    let back = try await database.store.read { try $0.load([ref], lock: false).records[ref] }
    #expect(back == revived)
    let entry = try #require(
      try await database.store.conflicts(ConflictFilter(), limit: 10).first)
    #expect(entry.field == .alive && entry.kind == .pending)
    #expect(entry.values.map(\.value) == [.bool(true), .bool(false)])
    #expect(entry.values.map(\.node) == ["450103000000", Samples.neighbour])
    #expect(entry.values.map(\.author) == ["test", "test"])
    #expect(entry.values.first?.reason == "revival")
    #expect(try database.text("SELECT field FROM huijia.conflict WHERE shown") == "alive")
    try await save(author.write(revived, 4, [.alive: .bool(true)]), database)
    #expect(try database.number("SELECT count(*) FROM huijia.conflict_value") == 0)
  }

  @Test("Filters: ledger, field, kind, authority by node and by tier")
  func filters() async throws {
    let database = try TestDatabase()
    _ = try await twoNames(database)
    func found(_ change: (inout ConflictFilter) -> Void) async throws -> Int {
      var filter = ConflictFilter()
      change(&filter)
      let entries = try await database.store.conflicts(filter, limit: 10)
      #expect(try await database.store.countConflicts(filter) == Int64(entries.count))
      return entries.count
    }
    #expect(try await found { $0.ledger = Samples.ledger } == 1)
    #expect(try await found { $0.ledger = LedgerID(1) } == 0)
    #expect(try await found { $0.field = .name } == 1)
    #expect(try await found { $0.field = .amount } == 0)
    #expect(try await found { $0.kind = .byRule } == 0)
    #expect(try await found { $0.authority = "county" } == 1)
    #expect(try await found { $0.authority = Samples.neighbour } == 1)
    #expect(try await found { $0.authority = "town" } == 0)
  }
}
