import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("Who wrote what, as applications ask")
struct TraceTests {
  private static let county = "450103000000"

  private func trace(_ database: TestDatabase, _ key: String = "a") throws -> [String] {
    let rows = try database.application().query(
      """
      SELECT concat_ws('|', field, coalesce(value, '-'), node, coalesce(author, '-'),
        coalesce(dot, '-'), coalesce(rule, '-'), signature, extract(epoch FROM "time") * 1000000)
      FROM huijia.trace('thing', '\(key)')
      """)
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }

  @Test(
    "A sealed row names its author, dot, rule and time; an unsealed write has neither dot nor proof"
  )
  func sealedAndUnsealed() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute("SET huijia.actor = '王主任'; \(Samples.insert("a"))")
    let before = try trace(database).map {
      $0.split(separator: "|").prefix(7).joined(separator: "|")
    }
    let rule = "keep (line 8)"
    #expect(
      before == [
        "home|450103001201|450103001201|王主任|-|\(rule)|missing",
        "name|甲|450103001201|王主任|-|\(rule)|missing",
      ])
    try await Author(Samples.village).seal(database.store, from: 300)
    let dot = "450103001201#1.bulk:300"
    #expect(
      try trace(database) == [
        "alive|true|450103001201|test|\(dot)|-|valid|300.000000",
        "home|450103001201|450103001201|test|\(dot)|\(rule)|valid|300.000000",
        "name|甲|450103001201|test|\(dot)|\(rule)|valid|300.000000",
      ])
    try app.execute("UPDATE ledger.thing SET name = '乙'")
    let after = try trace(database)
    #expect(after.count == 3)
    #expect(after[2].hasPrefix("name|乙|450103001201|王主任|-|\(rule)|missing|"))
    #expect(try trace(database, "b") == [])
    #expect(refusal(app, "SELECT huijia.trace('nothing', 'a')")?.sqlState == "HJ002")
    #expect(refusal(app, "SELECT huijia.trace('x; DROP TABLE y', 'a')")?.sqlState == "HJ002")
  }

  @Test("Values of every type, long keys and many changes in one batch do not lose the reader")
  func everyType() async throws {
    let database = try TestDatabase()
    let author = try Author(Self.county)
    var order: [(RecordRef, Record)] = []
    for number in 1...200 as ClosedRange<UInt64> {
      let values: FieldValues = [
        .home: .text(Samples.village), .name: .text(String(repeating: "长", count: 90)),
        .amount: .integer(-5_000_000_000), .price: .decimal("-12.500"), .born: .date(-4000),
        .seen: .timestamp(1_700_000_000_123_456), .active: .bool(number % 2 == 0),
        .tag: .uuid(1, 2), .details: .json("{\"a\": [1, 2]}"), .subsidy: .null,
      ]
      let key = String(repeating: "k", count: 140) + "\(number)"
      order.append((Samples.ref(key), author.record(number, values)))
    }
    let batch = try author.batch(order, from: 1)
    let records = Dictionary(uniqueKeysWithValues: order)
    try await author.receive(records, database.store)
    try await database.store.write { try $0.keep([batch]) }
    for number in [1, 2, 127, 128, 200] {
      let found = try trace(database, String(repeating: "k", count: 140) + "\(number)")
      #expect(found.count == 11)
      #expect(found.allSatisfy { $0.contains("|450103000000#1.bulk:\(number)|") })
      #expect(found.allSatisfy { $0.contains("|valid|\(number).000000") })
      #expect(
        found[4].hasPrefix("price|-12.500|")
          && found[6].hasPrefix("seen|2023-11-14T22:13:20.123456"))
    }
    // Pruned to some fields the batch proves these only.
    let first = order[0].0
    try await database.store.write {
      try $0.redact([Dot(author.replica, 1): [.name, .price, .details]])
    }
    let rest = try trace(database, first.key).filter { $0.contains("|valid|") }
    #expect(rest.count == 8 && !rest.contains { $0.hasPrefix("price") })
  }

  @Test(
    "Of several values the shown one is traced: rank, then time, then the greatest dot; of a home the earliest"
  )
  func siblings() async throws {
    let database = try TestDatabase()
    let county = try Author(Self.county)
    let town = try Author("450103001000")
    func sibling(_ author: Author, _ value: String, rank: UInt8 = 0, time: Int64) -> Sibling {
      Sibling(
        dot: Dot(author.replica, 9), value: .text(value), rank: rank, time: time,
        base: VersionVector(), side: .own)
    }
    var record = county.record(9, [.subsidy: .text("1")])
    record[.home] = Register([
      sibling(county, Samples.village, time: 20), sibling(town, Samples.neighbour, time: 10),
    ])
    record[.name] = Register([
      sibling(county, "early", rank: 2, time: 10), sibling(town, "late", time: 20),
    ])
    record[.place] = Register([
      sibling(county, "early", time: 10), sibling(town, "late", time: 20),
    ])
    let kept = record
    try await county.receive([Samples.ref("a"): kept], database.store)
    let shown = try trace(database).map {
      $0.split(separator: "|").prefix(3).joined(separator: "|")
    }
    #expect(
      shown == [
        "alive|true|450103000000", "home|\(Samples.neighbour)|450103001000",
        "place|early|450103000000", "name|early|450103000000", "subsidy|1|450103000000",
      ])
  }
}
