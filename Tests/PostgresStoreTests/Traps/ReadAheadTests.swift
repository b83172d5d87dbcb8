import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Synchronization
import Testing

/// A load is taken in passes, and the next one is read while the one before is sealed: what happens in between.
@Suite("Reading ahead of a load")
struct ReadAheadTests {
  private static let keys = ["a", "b", "c", "d", "e"]

  /// A database in which one transaction has inserted all keys, of which the first two are sealed, and the next two read ahead.
  private func loaded(_ keys: [String] = keys) async throws -> (TestDatabase, Author, Shared) {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = Shared(try database.application())
    try app.connection.execute(keys.map { Samples.insert($0, "旧") }.joined(separator: ";"))
    let first = try await author.seal(database.store, limit: 2)
    #expect(first.map(\.ref.key) == ["a", "b"])
    try await Task.sleep(for: .milliseconds(200))
    return (database, author, app)
  }

  /// Seals one pass of two; also how often the transaction was tried.
  private func seal(
    _ database: TestDatabase, _ author: Author, from first: UInt64, limit: Int = 2
  ) async throws -> (taken: [CapturedWrite], tries: Int) {
    let tries = Mutex(0)
    let taken = try await database.store.write { tx in
      tries.withLock { $0 += 1 }
      let captured = try tx.takeCaptured(of: nil, limit: limit)
      try author.apply(captured, tx, from: first)
      return captured
    }
    return (taken, tries.withLock(\.self))
  }

  private func expectAllSealed(_ database: TestDatabase) throws {
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
    #expect(try database.number("SELECT count(*) FROM ledger.thing WHERE _v IS NULL") == 0)
  }

  @Test("Every row is sealed once, in the order in which it was written")
  func everyRowOnce() async throws {
    let (database, author, _) = try await loaded()
    let second = try await seal(database, author, from: 3)
    let third = try await seal(database, author, from: 5)
    let last = try await seal(database, author, from: 6)
    #expect(second.taken.map(\.ref.key) == ["c", "d"])
    #expect(third.taken.map(\.ref.key) == ["e"])
    #expect(last.taken.isEmpty)
    #expect([second.tries, third.tries, last.tries] == [1, 1, 1])
    #expect((second.taken + third.taken).map(\.isCreation) == [true, true, true])
    try expectAllSealed(database)
  }

  @Test("A row that was written after it was read ahead is read again")
  func writtenSince() async throws {
    let (database, author, app) = try await loaded()
    try app.connection.execute("UPDATE ledger.thing SET name = '新' WHERE thing_id = 'c'")
    let (taken, tries) = try await seal(database, author, from: 3, limit: 3)
    // That it was tried twice shows that it had been read ahead.
    #expect(tries == 2)
    #expect(taken.map(\.ref.key) == ["c", "d", "e"])
    #expect(taken.map(\.values[.name]) == [.text("新"), .text("旧"), .text("旧")])
    try expectAllSealed(database)
  }

  @Test("A row that was deleted after it was read ahead is not sealed")
  func deletedSince() async throws {
    let (database, author, app) = try await loaded()
    try app.connection.execute("DELETE FROM ledger.thing WHERE thing_id = 'd'")
    let (taken, _) = try await seal(database, author, from: 3, limit: 10)
    #expect(taken.map(\.ref.key) == ["c", "e"])
    try expectAllSealed(database)
  }

  @Test("A row that was sealed out of turn, before a change from elsewhere, is not sealed again")
  func sealedSince() async throws {
    let (database, author, _) = try await loaded()
    try await database.store.write { tx in
      _ = try tx.load([Samples.ref("d")], lock: true)
      try author.apply(try tx.takeCaptured(of: [Samples.ref("d")], limit: .max), tx, from: 3)
    }
    let (taken, tries) = try await seal(database, author, from: 4, limit: 10)
    #expect(taken.map(\.ref.key) == ["c", "e"])
    // What was read ahead was forgotten, not tried in vain.
    #expect(tries == 1)
    try expectAllSealed(database)
  }

  @Test("A ledger that got a field after it was read ahead is read again")
  func columnSince() async throws {
    let (database, author, _) = try await loaded()
    let wider = Samples.thing + "\n  - {name: note, id: 14, title: {zh: 注, en: Note}, type: text}"
    let catalog = try Catalog(files: [CatalogFile(name: "thing.yaml", text: wider)])
    try database.adoptAgain(catalog)
    database.store.use(catalog)
    let (taken, tries) = try await seal(database, author, from: 3, limit: 10)
    #expect(taken.map(\.ref.key) == ["c", "d", "e"])
    #expect(tries == 1)
    try expectAllSealed(database)
  }

  @Test("Rows that an operator's VACUUM FULL moved are found where they lie now")
  func movedSince() async throws {
    let (database, author, _) = try await loaded(["a", "b", "c", "d", "e", "f", "g", "h"])
    _ = try database.superuser("VACUUM FULL ledger.thing")
    _ = try database.superuser("VACUUM FULL huijia.outbox_thing")
    let (taken, tries) = try await seal(database, author, from: 3)
    // The places that were read are now those of other rows of the same transaction.
    #expect(tries == 2)
    #expect(taken.map(\.ref.key) == ["c", "d"])
    let (rest, _) = try await seal(database, author, from: 5, limit: 10)
    #expect(rest.map(\.ref.key) == ["e", "f", "g", "h"])
    try expectAllSealed(database)
  }

  @Test("Another ledger's rows that fill a pass leave room for none after what was read ahead")
  func filledBefore() async throws {
    let earlier = Samples.thing.replacing("ledger: thing", with: "ledger: asset")
      .replacing("id: 7\ntitle", with: "id: 5\ntitle")
    let (database, author, app) = try twoLedgers("asset", earlier)
    try app.execute(
      ["a", "b", "c", "d", "e", "f"].map { Samples.insert($0) }.joined(separator: ";"))
    let (first, _) = try await seal(database, author, from: 1, limit: 4)
    #expect(first.map(\.ref.key) == ["a", "b", "c", "d"])
    let assets = ["x", "y", "z"].map {
      Samples.insert($0).replacing("ledger.thing", with: "ledger.asset")
    }
    try app.execute(assets.joined(separator: ";"))
    let (second, _) = try await seal(database, author, from: 5, limit: 4)
    #expect(second.map(\.ref.key) == ["x", "y", "z", "e", "f"])
    try expectAllSealed(database)
  }

  /// A database with a second ledger beside `thing`.
  private func twoLedgers(
    _ name: String, _ text: String
  ) throws -> (TestDatabase, Author, Connection) {
    let catalog = try Catalog(files: [
      CatalogFile(name: "thing.yaml", text: Samples.thing),
      CatalogFile(name: "\(name).yaml", text: text),
    ])
    let rule = """

        - rule: keep-\(name)
          who: [village, town, county]
          ledger: \(name)
          homes: own
          maintain: [basics]
          create: true
          delete: true
      """
    let rules = (Samples.rules + rule).replacing(
      "rules:\n", with: "  \(name):\n    basics: [home, place, name]\nrules:\n")
    let database = try TestDatabase(
      catalog, policy: try CompiledPolicy(Array(rules.utf8), catalog: catalog))
    return (database, try Author(Samples.village), try database.application())
  }

  @Test("What a transaction commits late, below what was read ahead, is found")
  func committedBelow() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let (late, app) = (try database.application(), try database.application())
    try late.execute("BEGIN; \(Samples.insert("late"))")
    try app.execute(["a", "b", "c"].map { Samples.insert($0) }.joined(separator: ";"))
    try await author.seal(database.store, limit: 2)
    try await Task.sleep(for: .milliseconds(200))
    try late.execute("COMMIT")
    let (taken, _) = try await seal(database, author, from: 3)
    #expect(taken.map(\.ref.key) == ["c", "late"])
    try expectAllSealed(database)
  }

  @Test("What is urgent is taken alone, before a load that was written before it")
  func urgentAlone() async throws {
    let urgent = Samples.thing.replacing("ledger: thing", with: "ledger: alarm")
      .replacing("id: 7\ntitle", with: "id: 8\ntitle").replacing("lane: bulk", with: "lane: urgent")
    let (database, author, app) = try twoLedgers("alarm", urgent)
    try app.execute(Samples.insert("a") + ";" + Samples.insert("b"))
    try app.execute(Samples.insert("x").replacing("ledger.thing", with: "ledger.alarm"))
    let (first, _) = try await seal(database, author, from: 1, limit: 10)
    let (second, _) = try await seal(database, author, from: 2, limit: 10)
    #expect(first.map(\.ref) == [RecordRef(LedgerID(8), "x")])
    #expect(second.map(\.ref.key) == ["a", "b"])
  }
}
