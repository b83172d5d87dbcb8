import Governance
import PostgresStore
import ReplicationCore
import Testing

@Suite("What the node's own database lets applications do")
struct VerbTests {
  /// A village that keeps what lives there; what is registered there it also makes, and nobody deletes.
  private func database() throws -> TestDatabase {
    let rules = """
      epoch: 1
      region: 450000000000
      tiers: [region, city, county, town, village]
      rules:
        - rule: lives-here
          who: village
          ledger: thing
          homes: own
          by: place
          maintain: [name]
        - rule: registered-here
          who: village
          ledger: thing
          homes: own
          by: home
          maintain: [home, place, name, amount]
          create: true
      """
    let catalog = try Samples.catalog()
    let policy = CompiledPolicy(
      bytes: [], document: try ScopeDocument(Array(rules.utf8), catalog: catalog, file: "test"),
      catalog: catalog)
    return try TestDatabase(catalog, policy: policy)
  }

  @Test("Creating and deleting are rights of their own")
  func createAndDelete() throws {
    let app = try database().application()
    try app.execute(Samples.insert("a"))
    let refused = try #require(refusal(app, "DELETE FROM ledger.thing WHERE thing_id = 'a'"))
    #expect(refused.sqlState == "HJ001" && refused.message.contains("may not delete"))
    #expect(try app.query("SELECT FROM ledger.thing").count == 1)
  }

  @Test("A rule by one home column says nothing of the other")
  func byColumn() throws {
    let database = try database()
    let app = try database.application()
    let elsewhere = Samples.neighbour
    // Registered elsewhere, living here: not for this village to make.
    let foreign = refusal(
      app,
      "INSERT INTO ledger.thing (thing_id, home, place) VALUES ('b', '\(elsewhere)', '\(Samples.village)')"
    )
    #expect(foreign?.sqlState == "HJ001")
    // It comes from above, and the village may write the one field.
    try database.daemon().execute(
      "INSERT INTO ledger.thing (thing_id, home, place, name) VALUES ('b', '\(elsewhere)', '\(Samples.village)', '甲')"
    )
    try app.execute("UPDATE ledger.thing SET name = '乙' WHERE thing_id = 'b'")
    let amount = refusal(app, "UPDATE ledger.thing SET amount = 1 WHERE thing_id = 'b'")
    #expect(amount?.sqlState == "HJ001" && amount?.message.contains("\"amount\"") == true)
  }

  @Test("Who may make nothing is told so")
  func mayNotCreate() throws {
    let policy = CompiledPolicy(
      bytes: [],
      document: try ScopeDocument(
        Array(
          """
          epoch: 1
          region: 450000000000
          tiers: [region, city, county, town, village]
          rules:
            - rule: reads
              who: village
              ledger: thing
              homes: own
              maintain: [home, name]
          """.utf8), catalog: try Samples.catalog(), file: "test"),
      catalog: try Samples.catalog())
    let app = try TestDatabase(nil, policy: policy).application()
    let refused = try #require(refusal(app, Samples.insert("a")))
    #expect(refused.sqlState == "HJ001" && refused.message.contains("may not create"))
  }
}
