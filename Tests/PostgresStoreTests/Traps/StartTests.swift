import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("A daemon that starts while applications write")
struct StartTests {
  @Test("Where nothing changed it waits for no application, and none for it")
  func unchanged() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute("BEGIN; \(Samples.insert("a"))")
    let clock = ContinuousClock()
    let began = clock.now
    try database.adoptAgain()
    #expect(clock.now - began < .seconds(2))
    try app.execute("SET LOCAL lock_timeout = '1s'; \(Samples.insert("b")); COMMIT")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 2)
  }

  @Test("An application that read a view and is idle in its transaction holds up no start")
  func idleReader() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute(
      """
      BEGIN; SELECT count(*) FROM huijia.conflict; SELECT count(*) FROM huijia.came_home;
      SELECT count(*) FROM huijia.quarantine
      """)
    let clock = ContinuousClock()
    let began = clock.now
    try database.prepareAgain()
    #expect(clock.now - began < .seconds(2))
    try app.execute("COMMIT")
  }

  @Test("A view that somebody changed is made again, after an idle reader, holding no other up")
  func changedView() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    let made = try database.text("SELECT pg_get_viewdef('huijia.quarantine'::regclass)")
    try database.superuser(
      """
      CREATE OR REPLACE VIEW huijia.quarantine AS SELECT r.id, r.at, r.peer, r.peer AS ledger, r.key,
      r.dot, r.code, r.detail FROM huijia.refused r
      """)
    try app.execute("BEGIN; SELECT count(*) FROM huijia.quarantine")
    let start = Task { try database.prepareAgain() }
    try await Task.sleep(for: .milliseconds(300))
    let other = try database.application()
    try other.execute("SET statement_timeout = '2s'; SELECT count(*) FROM huijia.quarantine")
    try app.execute("COMMIT")
    try await start.value
    #expect(try database.text("SELECT pg_get_viewdef('huijia.quarantine'::regclass)") == made)
  }

  @Test("A trigger that somebody dropped or switched off is back after the start")
  func mended() throws {
    let database = try TestDatabase()
    for damage in ["DROP TRIGGER huijia_insert ON", "ALTER TABLE"] {
      let rest = damage == "ALTER TABLE" ? " DISABLE TRIGGER huijia_insert" : ""
      try database.superuser("\(damage) ledger.thing\(rest)")
      try database.adoptAgain()
      let before = try database.number("SELECT count(*) FROM huijia.outbox_thing") ?? 0
      try database.application().execute(Samples.insert(String(damage.prefix(4))))
      #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == before + 1)
    }
  }

  @Test("A change of the ledger waits for an open transaction, holding nobody up meanwhile")
  func changed() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    try database.superuser("DROP TRIGGER huijia_key ON ledger.thing")
    try app.execute("BEGIN; \(Samples.insert("a"))")
    let start = Task { try database.adoptAgain() }
    try await Task.sleep(for: .milliseconds(300))
    // The application that is in the way, and another one, go on writing; none is a deadlock's victim.
    try app.execute("SET LOCAL lock_timeout = '2s'; \(Samples.insert("b"))")
    let other = try database.application()
    try other.execute("SET lock_timeout = '2s'; \(Samples.insert("c"))")
    try app.execute("COMMIT")
    try await start.value
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 3)
  }
}
