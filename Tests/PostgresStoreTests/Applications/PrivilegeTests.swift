import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("What applications may use of schema huijia")
struct PrivilegeTests {
  /// What the documents promise, and nothing beside it.
  private static let documented = [
    "came_home", "conflict", "quarantine", "trace", "verify", "version",
  ]

  @Test("Exactly the documented views and functions are open, also after a new start")
  func exactlyDocumented() throws {
    let database = try TestDatabase()
    try #require(try open(database) == Self.documented)
    // PostgreSQL opens every new function to all: the next start closes it again.
    try database.superuser(
      "CREATE FUNCTION huijia.hole() RETURNS text LANGUAGE sql AS 'SELECT ''''::text'")
    try database.superuser("ALTER FUNCTION huijia.hole() OWNER TO huijia")
    #expect(try open(database) == (Self.documented + ["hole"]).sorted())
    try database.prepareAgain()
    #expect(try open(database) == Self.documented)
  }

  @Test("An application sees what was refused, and nothing of the proof")
  func quarantine() async throws {
    let database = try TestDatabase()
    let peer = try #require(NodeID(Samples.neighbour))
    try await database.store.write { tx in
      try tx.quarantine(
        QuarantinedItem(
          peer: peer, ref: Samples.ref("a"), dot: nil, code: "outside_scope", detail: "why",
          proof: [1, 2, 3]))
      try tx.quarantine(
        QuarantinedItem(
          peer: peer, ref: nil, dot: nil, code: "link.flood", detail: "how", proof: nil))
    }
    let app = try database.application()
    let rows = try app.query(
      "SELECT ledger, key, peer, code, detail FROM huijia.quarantine ORDER BY id")
    #expect(rows.count == 2)
    #expect(rows.text(0, 0) == "thing" && rows.text(0, 1) == "a")
    #expect(rows.text(1, 0) == nil && rows.text(1, 3) == "link.flood")
    let listed = try await database.store.quarantined(limit: 10)
    #expect(listed.map(\.code) == ["link.flood", "outside_scope"])
    #expect(listed.last?.proofBytes == 3)
    let first = try #require(listed.last)
    #expect(try await database.store.quarantined(first.id) == first)
    #expect(try await database.store.quarantined(first.id + 100) == nil)
    #expect(refusal(app, "SELECT proof FROM huijia.refused")?.sqlState == "42501")
  }

  /// The tables, views, sequences and functions of schema huijia that the role may use in any way, ascending.
  private func open(_ database: TestDatabase) throws -> [String] {
    let rows = try database.application().query(
      """
      SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'huijia'::regnamespace
        AND CASE WHEN c.relkind IN ('r', 'v', 'm', 'p', 'f')
          THEN has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
            OR has_table_privilege(c.oid, 'DELETE, TRUNCATE, TRIGGER')
          WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') END
      UNION ALL
      SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'huijia'::regnamespace
        AND has_function_privilege(p.oid, 'EXECUTE')
      ORDER BY 1
      """)
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }
}
