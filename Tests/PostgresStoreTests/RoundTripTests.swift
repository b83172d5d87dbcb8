import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("Records and rows")
struct RoundTripTests {
  private func full(_ author: Author) -> Record {
    author.record(
      1,
      [
        .home: .text(Samples.village), .name: .text("𠮷\u{E000}\u{F0000} 王"),
        .amount: .integer(.min),
        .price: .decimal("1.00"), .born: .date(-719_162), .seen: .timestamp(-1),
        .active: .bool(false), .tag: .uuid(1, .max), .details: .json(#"{"a": 1.00}"#),
        .identity: .text("11010519491231002X"),
      ])
  }

  @Test("A value of every type stands in its column and comes back unchanged")
  func everyType() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let record = full(author)
    try await author.receive([Samples.ref("a"): record], database.store)
    let back = try await database.store.read { try $0.load([Samples.ref("a")], lock: false) }
    #expect(back.records[Samples.ref("a")] == record)
    #expect(
      try database.text(
        """
        SELECT concat_ws('|', name, amount, price, born, seen AT TIME ZONE 'UTC', active, tag, details)
        FROM ledger.thing
        """)
        == "𠮷\u{E000}\u{F0000} 王|-9223372036854775808|1.00|0001-01-01|1969-12-31 23:59:59.999999|f"
        + "|00000000-0000-0001-ffff-ffffffffffff|{\"a\": 1.00}")
    #expect(try database.number("SELECT count(*) FROM huijia.record") == 0)
  }

  @Test("Fields that are not held are NULL; nothing of apply is captured")
  func notHeld() async throws {
    let database = try TestDatabase()
    let author = try Author()
    try await author.receive(
      [Samples.ref("a"): author.record(1, [.home: .text(Samples.village)])], database.store)
    #expect(try database.number("SELECT count(*) FROM ledger.thing WHERE name IS NULL") == 1)
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
  }

  @Test("What an application wrote is sealed with its values, and survives a second round")
  func localWrite() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(
      """
      SET huijia.actor = '王干事';
      INSERT INTO ledger.thing (thing_id, home, name, price, details)
      VALUES ('a', '\(Samples.village)', '\u{20BB7}\u{E815}', 1.50, '{"b": [1]}')
      """)
    let captured = try await author.seal(database.store)
    let write = try #require(captured.first)
    #expect(captured.count == 1)
    #expect(write.isCreation && !write.isDeletion)
    #expect(write.actor == "王干事")
    #expect(
      write.values == [
        .home: .text(Samples.village), .name: .text("\u{20BB7}\u{E815}"), .price: .decimal("1.50"),
        .details: .json(#"{"b": [1]}"#),
      ])
    #expect(try await author.seal(database.store, from: 2).isEmpty)
    try app.execute("RESET huijia.actor; UPDATE ledger.thing SET amount = 3")
    let second = try await author.seal(database.store, from: 2)
    #expect(second.first?.values == [.amount: .integer(3)])
    #expect(second.first?.actor == "huijia_app")
    let back = try await database.store.read { try $0.load([Samples.ref("a")], lock: false) }
    #expect(back.records[Samples.ref("a")]?[.name].shown()?.value == .text("\u{20BB7}\u{E815}"))
    #expect(back.records[Samples.ref("a")]?[.amount].siblings.first?.dot.index == 2)
  }

  @Test("An unsealed value stands under the dot of the one before it, and the store says so")
  func unsealed() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(
      "INSERT INTO ledger.thing (thing_id, home, amount) VALUES ('a', '\(Samples.village)', 3)")
    #expect(try await !database.store.isSealed(Samples.ref("a")))
    #expect(try await author.seal(database.store).count == 1)
    #expect(try await database.store.isSealed(Samples.ref("a")))
    try app.execute("UPDATE ledger.thing SET amount = 4")
    #expect(try await !database.store.isSealed(Samples.ref("a")))
    let back = try await database.store.read { try $0.load([Samples.ref("a")], lock: false) }
    let amount = back.records[Samples.ref("a")]?[.amount].siblings.first
    #expect(amount?.value == .integer(4) && amount?.dot.index == 1)
    #expect(try await author.seal(database.store, from: 2).count == 1)
    #expect(try await database.store.isSealed(Samples.ref("a")))
  }

  @Test("A deleted record leaves the table, is remembered, and comes back when it is made again")
  func deletedAndBack() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try await author.seal(database.store)
    try app.execute("DELETE FROM ledger.thing")
    let deletion = try await author.seal(database.store, from: 2)
    #expect(deletion.first?.isDeletion == true)
    let gone = try await database.store.read { try $0.load([Samples.ref("a")], lock: false) }
    let record = try #require(gone.records[Samples.ref("a")])
    #expect(record[.alive].shown()?.value.isDeletion == true)
    // The values of a row that is gone come from the author's batch.
    #expect(record[.name].shown()?.value == .text("甲"))
    try app.execute(Samples.insert("a", "乙"))
    let again = try await author.seal(database.store, from: 3)
    #expect(again.first?.isCreation == true)
    #expect(try database.text("SELECT name FROM ledger.thing") == "乙")
    #expect(try database.number("SELECT count(*) FROM huijia.record") == 0)
    #expect(try await author.seal(database.store, from: 4).isEmpty)
  }

  @Test("A record moved away before it was sealed is two changes: made here, then moved")
  func movedBeforeSealing() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try app.execute("UPDATE ledger.thing SET name = '乙'")
    try app.execute("UPDATE ledger.thing SET home = '450102002001', amount = 3")
    let captured = try await database.store.write { try $0.takeCaptured(of: nil, limit: 10) }
    #expect(captured.map(\.isCreation) == [true, false])
    #expect(
      captured.first?.values == [
        .home: .text(Samples.village), .name: .text("乙"), .amount: .integer(3),
      ])
    #expect(captured.last?.values == [.home: .text("450102002001")])
    // A creation that stays at home is one change, whatever else was written to it.
    try app.execute(Samples.insert("b"))
    try app.execute("UPDATE ledger.thing SET name = '丙' WHERE thing_id = 'b'")
    let second = try await database.store.write { try $0.takeCaptured(of: nil, limit: 10) }
    #expect(second.map(\.isCreation) == [true])
  }

  @Test("A departed record leaves the table and keeps what it remembers")
  func departed() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let ref = Samples.ref("a")
    try await author.receive([ref: full(author)], database.store)
    var departed = Record()
    departed.departed = author.replica.node
    departed.moved = 4
    try await author.receive([ref: departed], database.store)
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 0)
    let back = try await database.store.read { try $0.load([ref], lock: false) }
    #expect(back.records[ref] == departed)
  }

  @Test("Several siblings of a field survive, and the row shows the one that the rules show")
  func siblings() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let other = try Author(Samples.neighbour)
    let ref = Samples.ref("a")
    var record = full(author)
    record[.name] = Register([
      author.sibling(1, .text("早")), other.sibling(9, .text("晚")),
    ])
    try await author.receive([ref: record], database.store)
    let back = try await database.store.read { try $0.load([ref], lock: false) }
    #expect(back.records[ref] == record)
    let shown = record[.name].shown()?.value
    #expect(try database.text("SELECT name FROM ledger.thing").map(Value.text) == shown)
    var joined = record
    joined[.name] = Register([other.sibling(10, .text("合"), base: record[.name].context)])
    try await author.receive([ref: joined], database.store)
    #expect(try database.number("SELECT count(*) FROM huijia.record") == 0)
    let after = try await database.store.read { try $0.load([ref], lock: false) }
    #expect(after.records[ref] == joined)
  }

  @Test("A scan goes by key bytes, over shown and hidden records alike")
  func scan() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let keys = ["b", "A", "甲", "a", "\u{E000}", "𠮷", "Z"]
    var records: [RecordRef: Record] = [:]
    for (index, key) in keys.enumerated() {
      records[Samples.ref(key)] = author.record(
        UInt64(index + 1), [.home: .text(Samples.village)])
    }
    records[Samples.ref("a")]?[.name] = Register([
      author.sibling(20, .text("x")), try Author(Samples.neighbour).sibling(1, .text("y")),
    ])
    records[Samples.ref("b")]?[.alive] = Register([author.sibling(30, .deleted([]))])
    try await author.receive(records, database.store)
    let expected = records.keys.sorted()
    let store = database.store
    let all = try await store.read { try $0.scan(Samples.ledger, after: nil, limit: 100).map(\.0) }
    #expect(all == expected)
    var walked: [RecordRef] = []
    while true {
      let after = walked.last?.key
      let next = try await store.read {
        try $0.scan(Samples.ledger, after: after, limit: 2).map(\.0)
      }
      if next.isEmpty { break }
      walked += next
    }
    #expect(walked == expected)
    #expect(try await store.read { try $0.count(Samples.ledger) } == UInt64(keys.count - 1))
  }
}
