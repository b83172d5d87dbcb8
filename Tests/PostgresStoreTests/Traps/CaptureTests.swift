import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("Capture")
struct CaptureTests {
  @Test("An INSERT of some columns captures just those; an UPDATE that changes nothing, nothing")
  func partial() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    let first = try await author.seal(database.store)
    #expect(first.first?.values.fields == [.home, .name])
    try app.execute("UPDATE ledger.thing SET name = name; UPDATE ledger.thing SET name = '甲'")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
    try app.execute("UPDATE ledger.thing SET name = NULL")
    let second = try await author.seal(database.store, from: 2)
    #expect(second.first?.values == [.name: .null])
  }

  @Test(
    "New rows, rows written again, deleted and known ones are taken in the order of their first writes"
  )
  func orderOfWrites() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("known"))
    _ = try await author.seal(database.store)
    try app.execute(Samples.insert("c"))
    try app.execute("UPDATE ledger.thing SET name = '又' WHERE thing_id = 'known'")
    try app.execute(Samples.insert("gone"))
    try app.execute(Samples.insert("b"))
    try app.execute("UPDATE ledger.thing SET name = '乙' WHERE thing_id = 'b'")
    try app.execute("DELETE FROM ledger.thing WHERE thing_id = 'gone'")
    try app.execute(Samples.insert("a"))
    let taken = try await author.seal(database.store, from: 2)
    #expect(taken.map(\.ref.key) == ["c", "known", "b", "a"])
    #expect(taken.map(\.isCreation) == [true, false, true, true])
    #expect(taken.map { $0.values[.name] != nil } == [true, true, true, true])
    #expect(taken[2].values[.name] == .text("乙"))
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
  }

  @Test(
    "1.0 becoming 1.00 is a change, also within json, where IS DISTINCT FROM sees none or fails")
  func sameButDifferent() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute(
      """
      INSERT INTO ledger.thing (thing_id, home, price, details)
      VALUES ('a', '\(Samples.village)', 1.0, '{"x": 1.0}')
      """)
    let before = try database.number("SELECT count(*) FROM huijia.outbox_thing")
    try app.execute("UPDATE ledger.thing SET price = 1.00")
    try app.execute("UPDATE ledger.thing SET details = '{\"x\": 1.00}'")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == (before ?? 0) + 2)
    #expect(
      try database.text(
        "SELECT string_agg(changed::text, ',' ORDER BY id) FROM huijia.outbox_thing")
        == "\(1 << 2 | 1 << 6 | 1 << 11),\(1 << 6),\(1 << 11)")
    // The naive comparison.
    #expect(try database.number("SELECT (1.0 IS DISTINCT FROM 1.00)::int") == 0)
    #expect(
      try database.number(
        "SELECT ('{\"x\": 1.0}'::jsonb IS DISTINCT FROM '{\"x\": 1.00}'::jsonb)::int") == 0)
    #expect(refusal(app, "SELECT '{}'::json IS DISTINCT FROM '{}'::json")?.sqlState == "42883")
  }

  @Test("COPY by an application is captured like INSERT; without a column list it is refused")
  func copy() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.copyIn(
      "COPY ledger.thing (thing_id, home, name) FROM STDIN",
      [Array("a\t\(Samples.village)\t甲\nb\t\(Samples.village)\t乙\n".utf8)])
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 2)
    #expect(throws: PostgresError.self) {
      try app.copyIn("COPY ledger.thing FROM STDIN", [Array("c\n".utf8)])
    }
  }

  @Test("ON CONFLICT DO UPDATE captures inserted and updated rows each once")
  func upsert() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try app.execute(
      """
      INSERT INTO ledger.thing (thing_id, home, name)
      VALUES ('a', '\(Samples.village)', '丙'), ('b', '\(Samples.village)', '丁')
      ON CONFLICT (thing_id) DO UPDATE SET name = excluded.name
      """)
    #expect(
      try database.text(
        "SELECT string_agg(key || op::text, ',' ORDER BY id) FROM huijia.outbox_thing WHERE id > 1"
      )
      .map { Set($0.split(separator: ",")) } == ["aU", "bI"])
  }

  @Test("A record made and deleted before it was sealed leaves nothing")
  func neverSeen() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute("\(Samples.insert("a")); DELETE FROM ledger.thing")
    #expect(try await Author(Samples.village).seal(database.store).isEmpty)
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
  }

  @Test("A bulk update after single-row updates of the same session stays linear")
  func planOfBulkUpdate() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute(
      """
      INSERT INTO ledger.thing (thing_id, home)
      SELECT i::text, '\(Samples.village)' FROM generate_series(1, 6000) i
      """)
    for i in 1...8 { try app.execute("UPDATE ledger.thing SET amount = 0 WHERE thing_id = '\(i)'") }
    let clock = ContinuousClock()
    let time = try clock.measure { try app.execute("UPDATE ledger.thing SET amount = 1") }
    #expect(time < .seconds(5))
    // The naive trigger function: the plan that it keeps for one row joins by nested loops.
    try Connection(database.conninfo).execute(
      """
      DROP TRIGGER huijia_update ON ledger.thing;
      CREATE FUNCTION huijia.naive() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        PERFORM count(*) FROM fresh n JOIN stale o ON n.thing_id = o.thing_id; RETURN NULL; END $$;
      CREATE TRIGGER naive AFTER UPDATE ON ledger.thing REFERENCING OLD TABLE AS stale
      NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION huijia.naive()
      """)
    let other = try database.application()
    for i in 1...8 {
      try other.execute("UPDATE ledger.thing SET amount = 2 WHERE thing_id = '\(i)'")
    }
    let naive = try clock.measure { try other.execute("UPDATE ledger.thing SET amount = 3") }
    #expect(naive > time * 3)
  }

  @Test("Serial order is not commit order: a late commit is not passed over")
  func lateCommit() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let late = try database.application()
    try late.execute("BEGIN; \(Samples.insert("late"))")
    try database.application().execute(Samples.insert("early"))
    #expect(try await author.seal(database.store).map(\.ref.key) == ["early"])
    let cursor = try database.number("SELECT last_value FROM huijia.outbox_id") ?? 0
    try late.execute("COMMIT")
    // The naive way: a cursor over the serial number has gone past it.
    #expect(
      try database.number("SELECT count(*) FROM huijia.outbox_thing WHERE id >= \(cursor)") == 0)
    #expect(try await author.seal(database.store, from: 2).map(\.ref.key) == ["late"])
  }

  @Test(
    "Transactions are taken whole and in the order of their numbers, at most as many as asked for")
  func order() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    for key in ["c", "a", "b"] { try app.execute(Samples.insert(key)) }
    try app.execute("UPDATE ledger.thing SET amount = 1 WHERE thing_id = 'c'")
    let author = try Author(Samples.village)
    let first = try await author.seal(database.store, limit: 2)
    #expect(first.map(\.ref.key) == ["c", "a"])
    #expect(first.first?.values[.amount] == .integer(1))
    #expect(try await author.seal(database.store, from: 3).map(\.ref.key) == ["b"])
  }

  @Test(
    "A pass of writes that left nothing says that there may be more; one that found all held does not"
  )
  func mayLeave() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    for key in ["a", "b", "c"] { try app.execute(Samples.insert(key)) }
    try app.execute("DELETE FROM ledger.thing WHERE thing_id <> 'c'")
    func taken(limit: Int) async throws -> (Int, Bool) {
      try await database.store.write { tx in
        let captured = try tx.takeCaptured(of: nil, limit: limit)
        try author.apply(captured, tx, from: 1)
        return (captured.count, tx.mayLeaveCaptured)
      }
    }
    #expect(try await taken(limit: 2) == (0, true))
    try app.execute("BEGIN; UPDATE ledger.thing SET name = '新'")
    #expect(try await taken(limit: 1) == (0, false))
    try app.execute("COMMIT")
    #expect(try await taken(limit: 2).0 == 1)
    #expect(try await taken(limit: 2) == (0, false))
  }

  @Test("An empty pass stays cheap while a long snapshot keeps the sealed rows' old versions")
  func emptyPass() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let holder = try database.daemon()
    try holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
    // Statements too small to share rows of the outbox.
    try database.application().execute(
      """
      DO $$ BEGIN FOR s IN 0..999 LOOP
        INSERT INTO ledger.thing (thing_id, home)
        SELECT (s * 20 + i)::text, '\(Samples.village)' FROM generate_series(1, 20) i;
      END LOOP; END $$
      """)
    let store = database.store
    // Taken and left: what counts are the dead rows.
    _ = try await store.write { try $0.takeCaptured(of: nil, limit: 100_000) }
    _ = try await author.seal(store)
    _ = try await author.seal(store)
    let pass = try await buffers(database, from: "pg_snapshot_xmin(pg_current_snapshot())")
    // The naive pass begins at the first row every time.
    let naive = try await buffers(database, from: "'0'::xid8")
    #expect(naive > 50)
    #expect(pass < 20)
    let clock = ContinuousClock()
    let time = try await clock.measure {
      for _ in 0..<20 { _ = try await author.seal(store) }
    }
    #expect(time < .seconds(1))
  }

  /// How many pages a pass over the outbox touches, planned as in the daemon's sessions.
  private func buffers(_ database: TestDatabase, from: String) async throws -> Int {
    let connection = try Connection(database.conninfo)
    try connection.execute("SET enable_seqscan = off")
    let rows = try connection.query(
      """
      EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT text) SELECT o.key FROM huijia.outbox_thing o
      WHERE o.xid >= \(from) ORDER BY o.xid, o.id LIMIT 1000
      """)
    var total = 0
    for row in 0..<rows.count {
      guard let line = rows.text(row, 0), line.contains("Buffers:") else { continue }
      for part in line.split(separator: " ") where part.contains("=") {
        total += part.split(separator: "=").last.flatMap { Int($0) } ?? 0
      }
      break
    }
    return total
  }
}
