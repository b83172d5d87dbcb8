import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

@Suite("A person vouches for values")
struct VerificationTests {
  private func taken(_ database: TestDatabase) async throws -> [CapturedWrite] {
    try await database.store.write { try $0.takeCaptured(of: nil, limit: 100) }
  }

  private func verified(
    _ app: Connection, _ fields: String = "ARRAY['name', 'amount']"
  ) throws -> String? {
    try app.query("SELECT huijia.verify('thing', 'a', \(fields))::text").text(0, 0)
  }

  @Test("The word names what stood there when it was given, with the person")
  func whatStood() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("a"))
    try await author.seal(database.store)
    try app.execute("SET huijia.actor = '张三'")
    #expect(try verified(app) == "{name,amount}")
    let write = try #require(try await taken(database).first)
    #expect(write.isWordOnly && write.actor == "张三")
    // Of `amount` there is no value that anybody wrote.
    #expect(write.verified == [.init(.name, [Dot(author.replica, 1)])])
    #expect(try await taken(database).isEmpty)
  }

  @Test("What is written before in the same breath is meant; what is written after is not")
  func sameBreath() async throws {
    let database = try TestDatabase()
    try await seal(database)
    let app = try database.application()
    try app.execute("UPDATE ledger.thing SET name = '乙' WHERE thing_id = 'a'")
    _ = try verified(app)
    try app.execute("UPDATE ledger.thing SET amount = 7 WHERE thing_id = 'a'")
    let writes = try await taken(database)
    #expect(writes.count == 2)
    #expect(writes.first?.values == [.name: .text("乙"), .amount: .integer(7)])
    #expect(writes.last?.verified == [.init(.name, nil)])
  }

  @Test("Nobody vouches for a value that another transaction is just writing")
  func beingWritten() async throws {
    let database = try TestDatabase()
    try await seal(database)
    let (writer, app) = (try database.application(), try database.application())
    try writer.execute("BEGIN; UPDATE ledger.thing SET name = '乙' WHERE thing_id = 'a'")
    #expect(refusal(app, "SELECT huijia.verify('thing', 'a', ARRAY['name'])")?.sqlState == "HJ004")
    try writer.execute("COMMIT")
    #expect(try verified(app, "ARRAY['name']") == "{name}")
  }

  @Test("Nothing is left of a word about a record that is gone")
  func gone() async throws {
    let database = try TestDatabase()
    try await seal(database)
    let app = try database.application()
    _ = try verified(app)
    try app.execute("DELETE FROM ledger.thing WHERE thing_id = 'a'")
    let writes = try await taken(database)
    #expect(writes.count == 1 && writes[0].isDeletion && writes[0].verified.isEmpty)
  }

  @Test("Only what a rule lets this node verify here, of a record and fields that there are")
  func refused() async throws {
    let database = try TestDatabase()
    try await seal(database)
    let app = try database.application()
    let denied = refusal(app, "SELECT huijia.verify('thing', 'a', ARRAY['subsidy'])")
    #expect(denied?.sqlState == "HJ001" && denied?.message.contains("\"subsidy\"") == true)
    #expect(denied?.hint.contains("name, amount") == true)
    let unknown = refusal(app, "SELECT huijia.verify('thing', 'a', ARRAY['nme'])")
    #expect(unknown?.sqlState == "HJ002" && unknown?.message.contains("\"nme\"") == true)
    #expect(refusal(app, "SELECT huijia.verify('thing', 'b')")?.sqlState == "HJ002")
    #expect(refusal(app, "SELECT huijia.verify('thng', 'a')")?.sqlState == "HJ002")
    #expect(try await taken(database).isEmpty)
    // Without fields: all that may be verified and has a value.
    #expect(try verified(app, "NULL") == "{name}")
  }

  @Test("A word that waits hides nothing of who wrote the value")
  func traceStays() async throws {
    let database = try TestDatabase()
    try await seal(database)
    let app = try database.application()
    let before = try app.query("SELECT dot FROM huijia.trace('thing', 'a') WHERE field = 'name'")
    _ = try verified(app)
    let after = try app.query("SELECT dot FROM huijia.trace('thing', 'a') WHERE field = 'name'")
    #expect(before.text(0, 0) != nil && before.text(0, 0) == after.text(0, 0))
  }

  private func seal(_ database: TestDatabase) async throws {
    try database.application().execute(Samples.insert("a"))
    try await Author(Samples.village).seal(database.store)
  }
}
