import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Synchronization
import Testing

/// One row of an outbox stands for many new rows of a statement: what happens to single ones of them before they are sealed.
@Suite("Many new rows in one row of the outbox")
struct BundleTests {
  private func insert(_ count: Int) -> String {
    """
    INSERT INTO ledger.thing (thing_id, home, name) SELECT 'k' || lpad(g::text, 3, '0'),
      '\(Samples.village)', '旧' FROM generate_series(1, \(count)) g
    """
  }

  /// A database with so many rows of one statement, all unsealed.
  private func loaded(_ count: Int = 40) throws -> (TestDatabase, Author, Shared) {
    let database = try TestDatabase()
    let app = Shared(try database.application())
    try app.connection.execute(insert(count))
    #expect(
      try database.number("SELECT count(*) FROM huijia.outbox_thing") == Int64((count + 127) / 128))
    return (database, try Author(Samples.village), app)
  }

  private func expectAllSealed(_ database: TestDatabase) throws {
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
    #expect(try database.number("SELECT count(*) FROM ledger.thing WHERE _v IS NULL") == 0)
  }

  private func keys(_ range: ClosedRange<Int>) -> [String] {
    range.map { "k" + (($0 < 10) ? "00" : $0 < 100 ? "0" : "") + "\($0)" }
  }

  @Test("All are sealed as new records, in the order of the statement, pass by pass")
  func passes() async throws {
    let (database, author, _) = try loaded(300)
    var taken: [CapturedWrite] = []
    for _ in 0..<4 {
      taken += try await author.seal(
        database.store, from: UInt64(taken.count + 1), limit: 100)
    }
    #expect(taken.map(\.ref.key) == keys(1...300))
    #expect(taken.allSatisfy { $0.isCreation && $0.values[.name] == .text("旧") })
    try expectAllSealed(database)
  }

  @Test("What was written again, deleted or made anew before it was sealed goes its own way")
  func writtenSince() async throws {
    let (database, author, app) = try loaded()
    try app.connection.execute(
      """
      UPDATE ledger.thing SET name = '新' WHERE thing_id = 'k005';
      DELETE FROM ledger.thing WHERE thing_id IN ('k007', 'k009');
      \(Samples.insert("k009", "又"))
      """)
    let taken = try await author.seal(database.store)
    #expect(taken.map(\.ref.key) == keys(1...40).filter { $0 != "k007" })
    #expect(!taken.map(\.isCreation).contains(false))
    let names = Dictionary(uniqueKeysWithValues: taken.map { ($0.ref.key, $0.values[.name]) })
    #expect(names["k005"] == .text("新") && names["k009"] == .text("又"))
    #expect(names.values.filter { $0 == .text("旧") }.count == 37)
    try expectAllSealed(database)
  }

  @Test(
    "A record that a change from elsewhere is about is sealed out of turn, the others in theirs")
  func outOfTurn() async throws {
    let (database, author, _) = try loaded()
    let first = try await database.store.write { tx in
      _ = try tx.load([Samples.ref("k003")], lock: true)
      let captured = try tx.takeCaptured(of: [Samples.ref("k003")], limit: .max)
      try author.apply(captured, tx, from: 1)
      return captured
    }
    #expect(first.map(\.isCreation) == [true])
    let rest = try await author.seal(database.store, from: 2)
    #expect(rest.map(\.ref.key) == keys(1...40).filter { $0 != "k003" })
    try expectAllSealed(database)
  }

  @Test("A row that an application holds is left for later, and the others are sealed")
  func held() async throws {
    let (database, author, app) = try loaded()
    try app.connection.execute("BEGIN; UPDATE ledger.thing SET name = '新' WHERE thing_id = 'k011'")
    let first = try await author.seal(database.store)
    // The stamp waited for it in vain; then all were taken apart and locked first.
    #expect(first.map(\.ref.key) == keys(1...40).filter { $0 != "k011" })
    #expect(try database.number("SELECT sum(n) FROM huijia.outbox_thing") == 1)
    try app.connection.execute("COMMIT")
    let second = try await author.seal(database.store, from: 40)
    #expect(second.map(\.ref.key) == ["k011"])
    #expect(second.map(\.values[.name]) == [.text("新")])
    #expect(second.map(\.isCreation) == [true])
    try expectAllSealed(database)
  }

  @Test("A row that is written between reading and stamping is read again, with all the others")
  func writtenWhileSealed() async throws {
    let (database, author, app) = try loaded()
    let tries = Mutex(0)
    let captured = try await database.store.write { tx in
      let captured = try tx.takeCaptured(of: nil, limit: 100)
      let isFirst = tries.withLock { count in
        count += 1
        return count == 1
      }
      if isFirst {
        try app.connection.execute("UPDATE ledger.thing SET name = '新' WHERE thing_id = 'k002'")
      }
      try author.apply(captured, tx, from: 1)
      return captured
    }
    #expect(tries.withLock(\.self) == 2)
    #expect(captured.map(\.ref.key) == keys(1...40))
    #expect(captured.filter { $0.values[.name] == .text("新") }.map(\.ref.key) == ["k002"])
    try expectAllSealed(database)
  }

  @Test("Records that were deleted and are made anew together are creations again")
  func madeAnew() async throws {
    let (database, author, app) = try loaded()
    try await author.seal(database.store)
    try app.connection.execute("DELETE FROM ledger.thing")
    try await author.seal(database.store, from: 41)
    try app.connection.execute(insert(40))
    // One of them is wanted before its turn, and has a body from its deletion.
    let first = try await database.store.write { tx in
      _ = try tx.load([Samples.ref("k003")], lock: true)
      let captured = try tx.takeCaptured(of: [Samples.ref("k003")], limit: .max)
      try author.apply(captured, tx, from: 81)
      return captured
    }
    #expect(first.map(\.isCreation) == [true])
    let rest = try await author.seal(database.store, from: 82)
    #expect(rest.map(\.ref.key) == keys(1...40).filter { $0 != "k003" })
    #expect(!rest.map(\.isCreation).contains(false))
    try expectAllSealed(database)
  }

  @Test("Applications and operators are told of them as of other unsealed writes")
  func shown() async throws {
    let (database, author, app) = try loaded()
    #expect(try await database.store.figures().unsealed == 40)
    #expect(try await !database.store.isSealed(Samples.ref("k001")))
    #expect(try database.text("SELECT left(huijia.version('thing', 'k001'), 4)") == "v1p-")
    let trace = "SELECT count(*) FROM huijia.trace('thing', 'k001') WHERE dot"
    // Its home and its name, as of a row that was inserted by itself.
    #expect(try database.number("\(trace) IS NULL AND author <> ''") == 2)
    try await author.seal(database.store)
    #expect(try await database.store.figures().unsealed == 0)
    #expect(try await database.store.isSealed(Samples.ref("k001")))
    #expect(try database.text("SELECT left(huijia.version('thing', 'k001'), 4)") == "v1a-")
    let token = try database.text("SELECT huijia.version('thing', 'k001')") ?? ""
    // Another form makes all anew, before this one is sent.
    try app.connection.execute("DELETE FROM ledger.thing; \(insert(40))")
    let stale = """
      BEGIN; SET LOCAL huijia.seen = '\(token)'; UPDATE ledger.thing SET name = '迟' WHERE thing_id = 'k001'
      """
    #expect(refusal(app.connection, stale)?.sqlState == "HJ004")
  }

  @Test("A bundle that was taken apart behind others does not end a pass before it is read")
  func apartBehindOthers() async throws {
    let (database, author, app) = try loaded()
    for range in ["41, 80", "81, 120"] {
      try app.connection.execute(insert(40).replacing("1, 40", with: range))
    }
    let first = try await database.store.write { tx in
      _ = try tx.load([Samples.ref("k100")], lock: true)
      let captured = try tx.takeCaptured(of: [Samples.ref("k100")], limit: .max)
      try author.apply(captured, tx, from: 1)
      return captured
    }
    #expect(first.map(\.ref.key) == ["k100"])
    var taken: [CapturedWrite] = []
    for _ in 0..<4 {
      taken += try await author.seal(database.store, from: UInt64(taken.count + 2), limit: 100)
    }
    #expect(Set(taken.map(\.ref.key)) == Set(keys(1...120)).subtracting(["k100"]))
    #expect(taken.count == 119)
    try expectAllSealed(database)
  }

  @Test(
    "What is made, deleted and made again with more fields before it is sealed has all of them",
    arguments: [100, 4096])
  func madeTwice(limit: Int) async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    let bare = insert(200).replacing("'旧'", with: "NULL")
    try app.execute("BEGIN; \(bare); DELETE FROM ledger.thing; \(insert(200)); COMMIT")
    var taken: [CapturedWrite] = []
    for _ in 0..<8 {
      taken += try await author.seal(database.store, from: UInt64(taken.count + 1), limit: limit)
    }
    #expect(Set(taken.map(\.ref.key)) == Set(keys(1...200)) && taken.count == 200)
    #expect(taken.allSatisfy { $0.isCreation && $0.values[.name] == .text("旧") })
    try expectAllSealed(database)
  }

  @Test(
    "A key that was deleted out of turn, and made again, is not taken for the one of its bundle")
  func ghost() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(insert(40).replacing("'旧'", with: "NULL"))
    try app.execute("DELETE FROM ledger.thing WHERE thing_id = 'k003'")
    let none = try await database.store.write { tx in
      _ = try tx.load([Samples.ref("k003")], lock: true)
      return try tx.takeCaptured(of: [Samples.ref("k003")], limit: .max)
    }
    #expect(none.isEmpty)
    try app.execute(
      "INSERT INTO ledger.thing (thing_id, home, name) SELECT 'k003', '\(Samples.village)', '旧'")
    var taken: [CapturedWrite] = []
    for _ in 0..<3 {
      taken += try await author.seal(database.store, from: UInt64(taken.count + 1), limit: 4096)
    }
    #expect(taken.map(\.ref.key).sorted() == keys(1...40))
    #expect(taken.first { $0.ref.key == "k003" }?.values[.name] == .text("旧"))
    try expectAllSealed(database)
  }

  @Test("A comparison of links goes on while a load is not sealed")
  func compared() async throws {
    let (database, author, app) = try loaded()
    try await author.seal(database.store)
    try app.connection.execute(insert(40).replacing("1, 40", with: "41, 80"))
    let slice = try await database.store.read { tx in
      try tx.outlines(
        Samples.ledger, routing: [.home, .place], near: nil, after: nil, through: nil, limit: 1000)
    }
    #expect(slice.records.map(\.key) == keys(1...40))
  }

  @Test("One row that may not be written refuses the statement, and nothing is left")
  func refused() throws {
    let database = try TestDatabase()
    let app = try database.application()
    let foreign = insert(40).replacing(
      "'\(Samples.village)'",
      with: "CASE g WHEN 17 THEN '\(Samples.neighbour)' ELSE '\(Samples.village)' END")
    #expect(refusal(app, foreign)?.sqlState == "HJ001")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 0)
  }
}
