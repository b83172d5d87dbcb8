import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("What came home, as applications see it")
struct CameHomeTests {
  private static let county = "450103000000"

  private func arrival(
    _ key: String, _ fields: FieldSet, _ kind: Arrival.Kind = .edit, node: String = county,
    actor: String = "李会计", at: Int64 = 2_000_000
  ) throws -> Arrival {
    let author = try #require(NodeID(node))
    return Arrival(
      ref: Samples.ref(key), fields: fields, kind: kind,
      dot: Dot(Replica(node: author, incarnation: 1, lane: .bulk), 7), time: 1_500_000,
      actor: actor, peer: try #require(NodeID("450103001000")), at: at)
  }

  private func rows(_ database: TestDatabase) throws -> [String] {
    let rows = try database.application().query(
      """
      SELECT concat_ws(' ', ledger, key, field, kind, node, tier, coalesce(author, '-'), link,
        extract(epoch FROM written_at)::float8, extract(epoch FROM arrived_at)::float8)
      FROM huijia.came_home ORDER BY id, field
      """)
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }

  @Test("Each field of an arrival is a row: who wrote it where, when, over which link")
  func view() async throws {
    let database = try TestDatabase()
    let arrivals = [
      try arrival("a", [.name, .subsidy]),
      try arrival("b", [.alive], .deleted, node: "450103000000/civil-affairs", actor: ""),
      try arrival("c", [.name], .returned, node: Samples.village),
      try arrival("d", [.alive], .left, node: Samples.village, actor: ""),
    ]
    try await database.store.write { try $0.noteArrivals(arrivals) }
    let rest = "450103001000 1.5 2"
    #expect(
      try rows(database) == [
        "thing a name edit 450103000000 county 李会计 \(rest)",
        "thing a subsidy edit 450103000000 county 李会计 \(rest)",
        "thing b alive deleted 450103000000/civil-affairs department - \(rest)",
        "thing c name returned 450103001201 village 李会计 \(rest)",
        "thing d alive left 450103001201 village - \(rest)",
      ])
  }

  @Test("What left is forgotten, field by field, and with it the proofs of what was refused")
  func forget() async throws {
    let database = try TestDatabase()
    let arrivals = [
      try arrival("a", [.name, .subsidy]), try arrival("a", [.subsidy]), try arrival("b", [.name]),
      try arrival("c", [.name]),
    ]
    let peer = try #require(NodeID(Samples.neighbour))
    try await database.store.write { tx in
      try tx.noteArrivals(arrivals)
      for key in ["b", "c"] {
        try tx.quarantine(
          QuarantinedItem(
            peer: peer, ref: Samples.ref(key), dot: nil, code: "outside_scope", detail: "why",
            proof: [1, 2, 3]))
      }
      try tx.forget([Samples.ref("a"): [.subsidy], Samples.ref("b"): .everything])
    }
    let left = try rows(database).map { $0.split(separator: " ").dropFirst().prefix(2) }
    #expect(left.map { $0.joined(separator: " ") } == ["a name", "c name"])
    let proofs = try await database.store.quarantined(limit: 10).map(\.proofBytes)
    #expect(proofs == [3, 0])
  }

  @Test("The oldest go: by number and by age")
  func trim() async throws {
    let database = try TestDatabase()
    let arrivals = try (1...30).map { try arrival("k\($0)", [.name], at: Int64($0) * 1_000_000) }
    try await database.store.write { try $0.noteArrivals(arrivals) }
    try await database.store.write { try $0.trimArrivals(keeping: 20, since: 0) }
    #expect(try database.number("SELECT min(at) FROM huijia.arrival") == 11_000_000)
    try await database.store.write { try $0.trimArrivals(keeping: 20, since: 15_500_000) }
    #expect(try database.number("SELECT min(at) FROM huijia.arrival") == 16_000_000)
    #expect(try database.number("SELECT count(*) FROM huijia.arrival") == 15)
  }

  @Test("Applications hear of applied batches by ledger, and not of what they wrote themselves")
  func notified() async throws {
    let database = try TestDatabase()
    let listener = try database.application()
    try listener.execute("LISTEN huijia_applied")
    let author = try Author(Self.county)
    let record = author.record(1, [.home: .text(Samples.village), .name: .text("甲")])
    try await author.receive([Samples.ref("a"): record], database.store)
    try listener.execute("SELECT 1")
    let heard = try listener.takeNotifications()
    #expect(heard.map(\.channel) == ["huijia_applied"] && heard.map(\.payload) == ["thing"])
    try database.application().execute(Samples.insert("b"))
    try await Author(Samples.village).seal(database.store)
    try listener.execute("SELECT 1")
    #expect(try listener.takeNotifications() == [])
  }
}
