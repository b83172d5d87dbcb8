import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("What applications are refused")
struct ScopeTests {
  @Test("A field outside the scope is refused with its name, rule and maintainers")
  func fieldOutside() throws {
    let app = try TestDatabase().application()
    let error = try #require(
      refusal(
        app,
        """
        INSERT INTO ledger.thing (thing_id, home, subsidy) VALUES ('a', '\(Samples.village)', '1')
        """))
    #expect(error.sqlState == "HJ001")
    #expect(error.message.contains("field \"subsidy\" of ledger \"thing\", key a"))
    #expect(error.message.contains("keep, line"))
    #expect(error.hint.contains("county"))
    try app.execute(Samples.insert("a"))
    #expect(refusal(app, "UPDATE ledger.thing SET subsidy = '2'")?.sqlState == "HJ001")
  }

  @Test("A refusal ends with its savepoint; no setting of an application lets a write pass")
  func refusalSetting() throws {
    let app = try TestDatabase().application()
    let outside = Samples.insert("a", home: Samples.neighbour)
    try app.execute("BEGIN; SAVEPOINT before")
    #expect(refusal(app, outside)?.sqlState == "HJ001")
    try app.execute("ROLLBACK TO SAVEPOINT before; \(Samples.insert("b")); COMMIT")
    for preset in ["null", " ", "{}", "x"] {
      try app.execute("SET huijia.refusal = '\(preset)'")
      #expect(refusal(app, outside) != nil, "passed with \(preset)")
    }
    try app.execute("RESET huijia.refusal")
    #expect(refusal(app, outside)?.sqlState == "HJ001")
  }

  @Test(
    "A home outside the scope is refused; a record at home may move away, and is then out of reach")
  func homeOutside() async throws {
    let database = try TestDatabase()
    let app = try database.application()
    let error = try #require(refusal(app, Samples.insert("a", home: Samples.neighbour)))
    #expect(error.sqlState == "HJ001")
    #expect(error.message.contains("home is outside the scope"))
    try app.execute(Samples.insert("a"))
    try app.execute("UPDATE ledger.thing SET home = '\(Samples.neighbour)'")
    #expect(refusal(app, "UPDATE ledger.thing SET name = '乙'")?.sqlState == "HJ001")
    #expect(refusal(app, "DELETE FROM ledger.thing")?.sqlState == "HJ001")
    // Made here, then moved: as one creation at the neighbour's the first hop would refuse it.
    let captured = try await database.store.write { try $0.takeCaptured(of: nil, limit: 10) }
    #expect(captured.first?.values[.home] == .text(Samples.village))
    #expect(captured.last?.values == [.home: .text(Samples.neighbour)])
  }

  @Test("A second home of its own lets a node write a record whose first home is elsewhere")
  func secondHome() async throws {
    let database = try TestDatabase()
    let author = try Author()
    try await author.receive(
      [
        Samples.ref("a"): author.record(
          1, [.home: .text(Samples.neighbour), .place: .text(Samples.village)])
      ], database.store)
    try database.application().execute("UPDATE ledger.thing SET name = '丙'")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 1)
  }

  @Test("A node without a policy refuses every write and says why")
  func noPolicy() throws {
    let other = try CompiledPolicy(
      Array("epoch: 1\nregion: 110000000000\ntiers: [region, county]\nrules: []\n".utf8),
      catalog: Samples.catalog())
    let app = try TestDatabase(policy: other).application()
    let error = try #require(refusal(app, Samples.insert("a")))
    #expect(error.sqlState == "HJ001")
    #expect(error.message.contains("no permission scope yet"))
  }

  @Test("A node that the policy lets write nothing is told so, and who maintains the fields")
  func maintainsNothing() throws {
    let database = try TestDatabase()
    try database.superuser(
      "DELETE FROM huijia.local_scope; INSERT INTO huijia.document VALUES (1, 1, '', '', '')")
    let error = try #require(refusal(try database.application(), Samples.insert("a")))
    #expect(error.sqlState == "HJ001")
    #expect(error.message.contains("no rule of the policy lets this node write"))
    #expect(error.hint.contains("maintained by") && error.hint.contains("rule "), "\(error.hint)")
  }

  @Test(
    "A value that breaks its field's rule is refused with the field and never with the value",
    arguments: [
      ("id_number", "'110105194912310021'"), ("home", "'450103001'"), ("home", "NULL"),
      ("price", "'NaN'"), ("born", "'infinity'"),
    ])
  func invalidValue(_ field: String, _ value: String) throws {
    let app = try TestDatabase().application()
    let columns = field == "home" ? "home" : "home, \(field)"
    let values = field == "home" ? value : "'\(Samples.village)', \(value)"
    let error = try #require(
      refusal(app, "INSERT INTO ledger.thing (thing_id, \(columns)) VALUES ('a', \(values))"))
    #expect(error.sqlState == "HJ002")
    #expect(error.message.contains("field \"\(field)\" of ledger \"thing\", key a"))
    #expect(!"\(error)".contains("110105"))
    try app.execute(Samples.insert("a"))
    #expect(refusal(app, "UPDATE ledger.thing SET \(field) = \(value)")?.sqlState == "HJ002")
    #expect(refusal(app, "UPDATE ledger.thing SET amount = 1") == nil)
  }

  @Test("An old invalid value does not stop a write to another field")
  func oldInvalidValue() async throws {
    let database = try TestDatabase()
    let author = try Author()
    try await author.receive(
      [Samples.ref("a"): author.record(1, [.home: .text(Samples.village), .identity: .text("1")])],
      database.store)
    try database.application().execute("UPDATE ledger.thing SET name = '丁'")
  }

  @Test("TRUNCATE and a change of key are refused")
  func unsupported() throws {
    let app = try TestDatabase().application()
    try app.execute(Samples.insert("a"))
    #expect(refusal(app, "TRUNCATE ledger.thing")?.sqlState == "HJ003")
    let error = try #require(refusal(app, "UPDATE ledger.thing SET thing_id = 'b'"))
    #expect(error.sqlState == "HJ003")
    #expect(error.message.contains("HJ003"))
    #expect(refusal(app, "UPDATE ledger.thing SET thing_id = 'a', amount = 1") == nil)
  }

  @Test("An application reads and writes nothing of the daemon's")
  func fence() throws {
    let app = try TestDatabase().application()
    try app.execute(Samples.insert("a"))
    for sql in [
      "SELECT * FROM huijia.outbox_thing", "SELECT * FROM huijia.batch",
      "DELETE FROM huijia.outbox_thing", "INSERT INTO huijia.local_scope VALUES (7, 0, 0, -1, 'x')",
      "SELECT nextval('huijia.outbox_id')", "UPDATE ledger.thing SET _v = NULL",
      "INSERT INTO ledger.thing (thing_id, home, _v) VALUES ('b', '\(Samples.village)', '\\x01')",
      "SET session_replication_role = replica", "ALTER TABLE ledger.thing DISABLE TRIGGER ALL",
      "CREATE TABLE ledger.other (a int)", "DROP TRIGGER huijia_insert ON ledger.thing",
    ] {
      #expect(refusal(app, sql)?.sqlState == "42501", "\(sql)")
    }
    try app.execute("SELECT _v FROM ledger.thing")
  }

  @Test("Functions that an application puts before ours are not called by the capture")
  func searchPath() throws {
    let database = try TestDatabase()
    try database.superuser(
      """
      CREATE SCHEMA trap AUTHORIZATION huijia_app; SET ROLE huijia_app;
      CREATE FUNCTION trap.current_setting(text, boolean) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'called as %', current_user; END $$;
      CREATE FUNCTION trap.coalesced() RETURNS text LANGUAGE sql SECURITY DEFINER AS
        $$ SELECT current_setting('huijia.actor', true) $$;
      """)
    let app = try database.application()
    try app.execute("SET search_path = trap, pg_catalog")
    // The naive way: a function without a pinned path.
    #expect(refusal(app, "SELECT trap.coalesced()")?.sqlState == "P0001")
    #expect(refusal(app, Samples.insert("a")) == nil)
  }

  @Test("The actor is the login role when none is set, whatever role was taken on")
  func actor() throws {
    let database = try TestDatabase()
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try app.execute("SET huijia.actor = '李会计'; \(Samples.insert("b"))")
    try app.execute("SET huijia.actor = ''; \(Samples.insert("c"))")
    let actors = try database.text(
      "SELECT string_agg(actor, ',' ORDER BY key) FROM huijia.outbox_thing")
    #expect(actors == "huijia_app,李会计,huijia_app")
    // The naive way inside a function with its owner's rights tells the owner.
    try Connection(database.conninfo).execute(
      """
      CREATE FUNCTION ledger.naive() RETURNS text LANGUAGE sql SECURITY DEFINER
      AS 'SELECT current_user::text'
      """)
    #expect(try app.query("SELECT ledger.naive()").text(0, 0) == "huijia")
  }
}
