import DaemonKit
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("Apply and the database around it")
struct ApplyTests {
  @Test("Applications' own triggers do not fire for what is applied")
  func ownTriggers() async throws {
    let database = try TestDatabase()
    try database.superuser(
      """
      CREATE FUNCTION ledger.shout() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.name := '喊'; RETURN NEW; END $$;
      CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON ledger.thing
        FOR EACH ROW EXECUTE FUNCTION ledger.shout()
      """)
    let author = try Author()
    let record = author.record(1, [.home: .text(Samples.village), .name: .text("静")])
    try await author.receive([Samples.ref("a"): record], database.store)
    #expect(try database.text("SELECT name FROM ledger.thing") == "静")
    // The naive way: the daemon's role as it is.
    try Connection(database.conninfo).execute(Samples.insert("b", "静"))
    #expect(try database.text("SELECT name FROM ledger.thing WHERE thing_id = 'b'") == "喊")
  }

  @Test("A connection makes its staging table once")
  func stagingTable() async throws {
    let database = try TestDatabase()
    let author = try Author()
    struct Undone: Error {}
    let first = author.record(1, [.home: .text(Samples.village)])
    // A table made in a transaction that fails is made again.
    await #expect(throws: Undone.self) {
      try await database.store.write { tx in
        _ = try tx.load([Samples.ref("0")], lock: true)
        _ = try tx.save([Samples.ref("0"): first])
        throw Undone()
      }
    }
    try await author.receive([Samples.ref("0"): first], database.store)
    let stages = "SELECT max(oid)::bigint FROM pg_class WHERE relname LIKE 'stage_thing%'"
    let size =
      "SELECT count(*) FROM pg_attribute WHERE attrelid::regclass::text LIKE '%stage_thing%'"
    let oid = try database.number(stages)
    for index in 2...20 {
      let record = author.record(UInt64(index), [.home: .text(Samples.village)])
      try await author.receive([Samples.ref("\(index)"): record], database.store)
    }
    #expect(try database.number(stages) == oid)
    #expect((try database.number(size) ?? 0) > 0)
    // The naive way: a table a batch leaves its dead rows in the catalog.
    let naive = try Connection(database.conninfo)
    let before = try naive.query("SELECT pg_relation_size('pg_attribute')").int(0, 0) ?? 0
    for _ in 0..<60 {
      try naive.execute(
        "BEGIN; CREATE TEMP TABLE s (LIKE ledger.thing) ON COMMIT DROP; COMMIT")
    }
    let after = try naive.query("SELECT pg_relation_size('pg_attribute')").int(0, 0) ?? 0
    #expect(after > before)
  }

  @Test("A partitioned ledger is refused: a write to its leaf would not be seen")
  func partition() throws {
    let database = try TestDatabase()
    let owner = try Connection(database.conninfo)
    // The naive way: the parent's statement trigger does not see it.
    try owner.execute(
      """
      CREATE TABLE ledger.p (id int) PARTITION BY LIST (id);
      CREATE TABLE ledger.p1 PARTITION OF ledger.p FOR VALUES IN (1);
      CREATE TABLE ledger.seen (n int);
      CREATE FUNCTION ledger.see() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO ledger.seen SELECT count(*) FROM fresh; RETURN NULL; END $$;
      CREATE TRIGGER see AFTER INSERT ON ledger.p REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.see();
      INSERT INTO ledger.p1 VALUES (1)
      """)
    #expect(try database.number("SELECT count(*) FROM ledger.seen") == 0)
    try owner.execute(
      """
      DROP TABLE ledger.thing CASCADE;
      CREATE TABLE ledger.thing (thing_id text, home text, _v bytea) PARTITION BY LIST (home)
      """)
    let error = try #require(throws: StoreError.self) { try adopt(database) }
    #expect("\(error)".contains("ledger.thing is partitioned"))
  }

  @Test("A field that the catalog has gained becomes a column; a changed type is refused")
  func columns() throws {
    let database = try TestDatabase()
    let owner = try Connection(database.conninfo)
    try owner.execute("ALTER TABLE ledger.thing DROP COLUMN price")
    try adopt(database)
    #expect(try database.number("SELECT count(price) FROM ledger.thing") == 0)
    try owner.execute("ALTER TABLE ledger.thing ALTER price TYPE text")
    #expect(throws: StoreError.self) { try adopt(database) }
  }

  private func adopt(_ database: TestDatabase) throws {
    let installer = try Installer(conninfo: database.conninfo)
    try installer.adopt(
      database.catalog, Samples.policy(), for: #require(NodeID(Samples.village)))
  }

  @Test("A database of another node, or that is not UTF-8, is refused")
  func unsuitable() throws {
    let database = try TestDatabase()
    let installer = try Installer(conninfo: database.conninfo)
    let other = try #require(NodeID(Samples.neighbour))
    let error = try #require(throws: StoreError.self) { try installer.prepare(node: other) }
    #expect("\(error)".contains("belongs to node \(Samples.village)"))
    let name = "\(database.database.name)_ascii"
    try database.superuser(
      """
      CREATE DATABASE \(name) OWNER huijia TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'
      """)
    let ascii = try Installer(conninfo: database.cluster.connection(to: name, as: "huijia"))
    let encoding = try #require(throws: StoreError.self) { try ascii.prepare(node: other) }
    #expect("\(encoding)".contains("UTF8"))
  }

  @Test("Row level security that would hide records from the daemon is refused")
  func rowSecurity() throws {
    let database = try TestDatabase(daemonRole: "huijia_short")
    try database.application().execute(Samples.insert("a"))
    try database.superuser(
      """
      ALTER TABLE ledger.thing ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ledger.thing FORCE ROW LEVEL SECURITY;
      """)
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 1)
    try database.superuser("ALTER ROLE huijia_short NOBYPASSRLS")
    // What would happen: no error, and no rows.
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 0)
    let installer = try Installer(conninfo: database.conninfo)
    let village = try #require(NodeID(Samples.village))
    let error = try #require(throws: StoreError.self) { try installer.prepare(node: village) }
    #expect("\(error)".contains("BYPASSRLS"))
  }

  @Test("No error of ours repeats a value, not even where PostgreSQL's own does")
  func silence() throws {
    let app = try TestDatabase().application()
    try app.execute(Samples.insert("secret"))
    for sql in [
      Samples.insert("secret"), "UPDATE ledger.thing SET price = 'secret'",
      "UPDATE ledger.thing SET details = '{\"secret\"'",
      "UPDATE ledger.thing SET tag = 'secret'",
    ] {
      let error = try #require(refusal(app, sql))
      #expect(!"\(error)\(error.hint)".contains("secret"))
    }
    // What PostgreSQL adds.
    try app.execute(
      """
      CREATE FUNCTION pg_temp.detail() RETURNS text LANGUAGE plpgsql AS $$ DECLARE d text;
      BEGIN \(Samples.insert("secret")); RETURN '';
      EXCEPTION WHEN unique_violation THEN
        GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL; RETURN d; END $$
      """)
    #expect(try app.query("SELECT pg_temp.detail()").text(0, 0)?.contains("secret") == true)
  }

  @Test("Applications' commits are told to a listener")
  func listener() async throws {
    let database = try TestDatabase()
    let listener = LocalWriteListener(conninfo: database.conninfo)
    let app = Shared(try database.application())
    let task = Task {
      var count = 0
      for await _ in listener.writes() {
        count += 1
        if count == 1 { try? app.connection.execute(Samples.insert("a")) }
        if count == 2 { return true }
      }
      return false
    }
    #expect(await task.value)
  }
}
