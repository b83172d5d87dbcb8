import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

/// An operator gave a ledger's table a rule of its own, and a record breaks it.
@Suite("A table that refuses a row")
struct RefusingTableTests {
  static let rules: [(String, FieldValues, FieldValues)] = [
    (
      "ADD CONSTRAINT short CHECK (length(name) < 3)", [.name: .text("long name")],
      [.name: .text("甲")]
    ),
    ("ALTER price SET NOT NULL", [:], [.price: .decimal("1")]),
    ("ALTER name TYPE varchar(3)", [.name: .text("long name")], [.name: .text("甲")]),
  ]

  /// A record's usual values with others in their place.
  private func values(_ others: FieldValues) -> FieldValues {
    others.entries.reduce(into: HostileVillage.values) { $0[$1.field] = $1.value }
  }

  @Test("makes one record wait, says so, and the others arrive", arguments: rules.indices)
  func waits(_ index: Int) async throws {
    let (rule, bad, good) = Self.rules[index]
    let town = try HostileVillage()
    try town.database.daemon().execute("ALTER TABLE ledger.thing \(rule)")
    let first = try await town.send(Samples.ref("bad"), values(bad))
    #expect(first.parked == 1 && first.position == 2)
    let next = try await town.send(Samples.ref("good"), values(good))
    #expect(next.applied == 1)
    #expect(try town.database.text("SELECT thing_id FROM ledger.thing") == "good")
    #expect(try town.quarantine() == ["table_refuses"])
    // As long as it lasts it is said once, without the value.
    try await town.retry()
    let detail = try #require(
      try town.database.text("SELECT string_agg(detail, '|') FROM huijia.quarantine"))
    #expect(detail.contains("PostgreSQL 2") && !detail.contains("long name"))
    #expect(try town.quarantine() == ["table_refuses"])
  }

  @Test("is asked again, and takes it when the operator has changed the rule")
  func mended() async throws {
    let town = try HostileVillage()
    let operate = try town.database.daemon()
    try operate.execute("ALTER TABLE ledger.thing ADD CONSTRAINT one UNIQUE (name)")
    for key in ["a", "b", "c"] { _ = try await town.send(Samples.ref(key)) }
    #expect(try town.database.number("SELECT count(*) FROM ledger.thing") == 1)
    #expect(try town.quarantine() == ["table_refuses", "table_refuses"])
    try operate.execute("ALTER TABLE ledger.thing DROP CONSTRAINT one")
    try await town.retry()
    #expect(try town.database.number("SELECT count(*) FROM ledger.thing") == 3)
    #expect(try town.quarantine().isEmpty)
    #expect(try town.database.number("SELECT count(*) FROM huijia.parked") == 0)
  }

  @Test("takes it when the value was changed where it is written")
  func writtenAnew() async throws {
    let town = try HostileVillage()
    try town.database.daemon().execute(
      "ALTER TABLE ledger.thing ADD CONSTRAINT few CHECK (amount < 10)")
    let ref = Samples.ref("a")
    _ = try await town.send(ref)
    let own = Replica(node: town.village, incarnation: 1, lane: .bulk)
    func write(_ amount: Int64, seen index: UInt64) -> FieldWrite {
      FieldWrite(
        field: .amount, value: .integer(amount), rank: 0,
        base: index == 0 ? VersionVector() : VersionVector(Dot(own, index)))
    }
    _ = try await town.send(ref, [write(11, seen: 0)])
    #expect(try town.quarantine() == ["table_refuses"])
    #expect(try town.database.number("SELECT amount FROM ledger.thing") == nil)
    #expect(try await town.send(ref, [write(9, seen: 2)]).parked == 1)
    try await town.retry()
    #expect(try town.database.number("SELECT amount FROM ledger.thing") == 9)
    #expect(try town.quarantine().isEmpty)
  }

  @Test("takes a mended one in its turn, however many wait before it")
  func inTurn() async throws {
    let town = try HostileVillage()
    try town.database.daemon().execute(
      "ALTER TABLE ledger.thing ADD CONSTRAINT short CHECK (length(name) < 3)")
    let bad = values([.name: .text("long name")])
    for number in 0..<12 { _ = try await town.send(Samples.ref("bad\(number)"), bad) }
    let ref = Samples.ref("mended")
    _ = try await town.send(ref, bad)
    let own = Replica(node: town.village, incarnation: 1, lane: .bulk)
    let mended = FieldWrite(
      field: .name, value: .text("甲"), rank: 0, base: VersionVector(Dot(own, 13)))
    #expect(try await town.send(ref, [mended]).parked == 1)
    for _ in 0..<200 where try town.database.number("SELECT count(*) FROM ledger.thing") == 0 {
      try await town.retry(limit: 3)
    }
    #expect(try town.database.text("SELECT thing_id FROM ledger.thing") == "mended")
  }

  @Test("and takes none of very many stops the link instead of filling the disk")
  func takesNothing() async throws {
    let town = try HostileVillage()
    try town.database.daemon().execute(
      "ALTER TABLE ledger.thing ADD CONSTRAINT none CHECK (name IS NULL)")
    try town.fillWaiting()
    await #expect(throws: StoreError.self) { try await town.send(Samples.ref("more")) }
    #expect(try town.database.number("SELECT count(*) FROM huijia.parked") == 0)
  }
}
