import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("Version tokens")
struct StaleFormTests {
  private func token(_ connection: Connection, _ key: String) throws -> String? {
    try connection.query("SELECT huijia.version('thing', $1)", [.text(key)]).text(0, 0)
  }

  @Test(
    "A write with an older token carries what it had seen; the value that came in between keeps its bytes"
  )
  func olderToken() async throws {
    let database = try TestDatabase()
    let (author, other) = (try Author(Samples.village), try Author(Samples.neighbour))
    let app = try database.application()
    try app.execute(Samples.insert("a", "甲"))
    try await author.seal(database.store)
    let form = try #require(try token(app, "a"))
    // Meanwhile a value comes from elsewhere, with its proof.
    let ref = Samples.ref("a")
    let between = try await database.store.write { tx in
      let record = try #require(try tx.load([ref], lock: true).records[ref])
      var after = other.write(record, 1, [.name: .text("乙")])
      after[.name] = after[.name].from(.link(other.replica.node))
      try tx.keep([other.batch([(ref, after)], from: 1)])
      _ = try tx.save([ref: after])
      return after
    }
    try app.execute(
      """
      BEGIN; SET LOCAL huijia.seen = '\(form)';
      UPDATE ledger.thing SET name = '丙', amount = 1 WHERE thing_id = 'a'; COMMIT
      """)
    let (held, writes) = try await database.store.write { tx in
      let record = try #require(try tx.load([ref], lock: true).records[ref])
      return (record, try tx.takeCaptured(of: nil, limit: 10))
    }
    // The row shows 丙 already: the sealed value comes from its author's batch.
    #expect(held[.name].siblings == between[.name].siblings)
    let write = try #require(writes.first)
    #expect(write.values == [.name: .text("丙"), .amount: .integer(1)])
    #expect(write.context(of: .name) == VersionVector(Dot(author.replica, 1)))
    #expect(write.context(of: .amount) == VersionVector())
    #expect(write.context(of: .home) == nil)
  }

  @Test("A record with several values of a field has a token too; it holds no value")
  func siblings() async throws {
    let database = try TestDatabase()
    let (author, other) = (try Author(), try Author(Samples.neighbour))
    var record = author.record(1, [.home: .text(Samples.village), .name: .text("secret")])
    record[.name] = Register([
      author.sibling(1, .text("secret")), other.sibling(9, .text("hidden")),
    ])
    try await author.receive([Samples.ref("a"): record], database.store)
    let app = try database.application()
    let form = try #require(try token(app, "a"))
    for word in ["secret", "hidden"] {
      let hexadecimal = word.utf8.map { String($0, radix: 16) }.joined()
      #expect(!form.contains(hexadecimal) && !form.contains(word))
    }
    try app.execute(
      "BEGIN; SET LOCAL huijia.seen = '\(form)'; UPDATE ledger.thing SET name = '丁'; COMMIT")
    let writes = try await database.store.write { try $0.takeCaptured(of: nil, limit: 10) }
    #expect(writes.first?.context(of: .name) == record[.name].context)
  }

  @Test("A deletion with a token carries what it had seen of every field")
  func deletion() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try await author.seal(database.store)
    let form = try #require(try token(app, "a"))
    let (ref, other) = (Samples.ref("a"), try Author(Samples.neighbour))
    try await database.store.write { tx in
      var record = try #require(try tx.load([ref], lock: true).records[ref])
      record = other.write(record, 1, [.amount: .integer(5)])
      record[.amount] = record[.amount].from(.link(other.replica.node))
      try tx.keep([other.batch([(ref, record)], from: 1)])
      _ = try tx.save([ref: record])
    }
    try app.execute("BEGIN; SET LOCAL huijia.seen = '\(form)'; DELETE FROM ledger.thing; COMMIT")
    let writes = try await database.store.write { try $0.takeCaptured(of: nil, limit: 10) }
    let write = try #require(writes.first)
    #expect(write.isDeletion)
    #expect(write.context(of: .name) == VersionVector(Dot(author.replica, 1)))
    #expect(write.context(of: .amount) == VersionVector())
    #expect(write.context(of: .alive) == VersionVector(Dot(author.replica, 1)))
  }

  @Test(
    "What is no key of the ledger is refused with the ledger and its key's type",
    arguments: ["version", "trace"])
  func noKey(_ function: String) throws {
    let catalog = try Catalog(files: [
      CatalogFile(
        name: "thing.yaml",
        text: Samples.thing.replacing("thing_id, type: text", with: "thing_id, type: uuid"))
    ])
    let policy = try CompiledPolicy(Array(Samples.rules.utf8), catalog: catalog)
    let app = try TestDatabase(catalog, policy: policy).application()
    let error = refusal(app, "SELECT huijia.\(function)('thing', 'no-uuid')")
    #expect(error?.sqlState == "HJ002")
    #expect(
      error?.message
        == "HJ002: what was given is no key of ledger \"thing\": its key \"thing_id\" is of type uuid"
    )
    #expect(error?.hint == "give the key as ledger.thing shows it")
  }

  @Test("A token of another record, or none at all, is refused, and nothing is lost")
  func refused() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute("\(Samples.insert("a")); \(Samples.insert("b"))")
    try await author.seal(database.store)
    let form = try #require(try token(app, "a"))
    #expect(try token(app, "no such record") == nil)
    #expect(refusal(app, "SELECT huijia.version('nothing', 'a')")?.sqlState == "HJ002")
    for wrong in [form, "x", "v1-", String(form.dropLast(2)), form + "00", "'' OR true"] {
      let escaped = wrong.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "''")
      try app.execute("SET huijia.seen = '\(escaped)'")
      let error = refusal(app, "UPDATE ledger.thing SET name = '乙' WHERE thing_id = 'b'")
      #expect(error?.sqlState == "HJ002", "\(wrong)")
      #expect(error?.message.contains("huijia.seen") == true)
      #expect(refusal(app, "DELETE FROM ledger.thing WHERE thing_id = 'b'")?.sqlState == "HJ002")
    }
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
    #expect(try database.number("SELECT count(*) FROM ledger.thing WHERE name = '甲'") == 2)
    try app.execute("SET huijia.seen = ''; UPDATE ledger.thing SET name = '乙'")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing WHERE seen IS NULL") == 2)
  }

  @Test("Bytes that bear a right mark and say nothing have seen nothing")
  func inventedBytes() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try await author.seal(database.store)
    let mark = try #require(
      try database.text("SELECT huijia.version_mark('thing', 'a', '\\xffff')"))
    try app.execute(
      "SET huijia.seen = 'v1p-\(mark)-ffff'; UPDATE ledger.thing SET name = '乙'")
    let writes = try await author.seal(database.store, from: 2)
    #expect(writes.first?.context(of: .name) == VersionVector())
  }

  @Test(
    "What this node itself wrote in between cannot stay beside: the older write is refused, field by field"
  )
  func ownWriteBetween() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let (app, second) = (try database.application(), try database.application())
    try app.execute(Samples.insert("a"))
    let waiting = try #require(try token(app, "a"))
    try await author.seal(database.store)
    let form = try #require(try token(app, "a"))
    func save(_ form: String, _ assignment: String) -> String? {
      defer { try? app.execute("ROLLBACK") }
      return refusal(
        app,
        "BEGIN; SET LOCAL huijia.seen = '\(form)'; UPDATE ledger.thing SET \(assignment); COMMIT"
      )?.sqlState
    }
    // Not sealed yet, sealed, and sealed into a record with several values.
    try second.execute("UPDATE ledger.thing SET name = '乙'")
    #expect(save(form, "name = '丙'") == "HJ004")
    try await author.seal(database.store, from: 2)
    #expect(save(form, "name = '丙'") == "HJ004")
    #expect(try database.text("SELECT name FROM ledger.thing") == "乙")
    #expect(save(form, "amount = 1") == nil)
    try await author.seal(database.store, from: 3)
    let ref = Samples.ref("a")
    let other = try Author(Samples.neighbour)
    try await database.store.write { tx in
      var record = try #require(try tx.load([ref], lock: true).records[ref])
      let beside = Register([other.sibling(1, .decimal("1"))]).from(.link(other.replica.node))
      record[.price] = Register(
        beside.siblings + [author.sibling(4, .decimal("2"))])
      _ = try tx.save([ref: record])
    }
    #expect(try database.number("SELECT count(*) FROM huijia.record") == 1)
    #expect(save(form, "price = 3") == "HJ004")
    #expect(
      refusal(app, "SET huijia.seen = '\(form)'; DELETE FROM ledger.thing")?.sqlState == "HJ004")
    try app.execute("RESET huijia.seen")
    // Read again: all is well. A version read while own writes waited cannot tell: they follow one another.
    let fresh = try #require(try token(app, "a"))
    #expect(save(fresh, "price = 3, name = '丙'") == nil)
    #expect(waiting.hasPrefix("v1p-") && fresh.hasPrefix("v1a-"))
    #expect(save(waiting, "born = '2000-01-01'") == nil)
  }

  @Test("A confirmed field is captured although nothing changes, by the same rules as any write")
  func confirmed() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try await author.seal(database.store)
    try app.execute(
      "BEGIN; SET LOCAL huijia.confirm = 'thing.name'; UPDATE ledger.thing SET name = name; COMMIT")
    let writes = try await author.seal(database.store, from: 2)
    #expect(writes.first?.values == [.name: .text("甲")])
    #expect(writes.first?.isCreation == false)
    try app.execute("SET huijia.confirm = 'thing.alive'; UPDATE ledger.thing SET name = name")
    let existence = try await database.store.write { try $0.takeCaptured(of: nil, limit: 10) }
    #expect(existence.first?.values == [:])
    #expect(existence.first?.isCreation == true)
    try app.execute("SET huijia.confirm = 'thing.subsidy'")
    #expect(refusal(app, "UPDATE ledger.thing SET name = name")?.sqlState == "HJ001")
    try app.execute("SET huijia.confirm = 'other.name'; UPDATE ledger.thing SET name = name")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
  }
}
