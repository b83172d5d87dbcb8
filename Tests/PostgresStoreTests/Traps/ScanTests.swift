import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Testing

/// The walk through a ledger that catch-ups and changes of policy make.
@Suite("A walk through records")
struct ScanTests {
  /// The keys of a ledger in steps of so many records, each step after the last key of the one before.
  private func keys(_ database: TestDatabase, step: Int) async throws -> [String] {
    try await database.store.read { tx in
      var keys: [String] = []
      for _ in 0..<100 {
        let slice = try tx.scan(Samples.ledger, after: keys.last, limit: step)
        if slice.isEmpty { break }
        keys += slice.map(\.0.key)
      }
      return keys
    }
  }

  @Test(
    "does not end at rows that are written and not sealed yet, however many", arguments: [1, 3, 4])
  func unsealed(step: Int) async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    for key in ["a", "x", "z"] { try app.execute(Samples.insert(key)) }
    _ = try await author.seal(database.store)
    for number in 0..<9 { try app.execute(Samples.insert("m\(number)")) }
    #expect(try await keys(database, step: step) == ["a", "x", "z"])
  }

  @Test("goes through keys that are numbers in their order, each once, wherever it is resumed")
  func numbers() async throws {
    let text = Samples.thing.replacing("thing_id, type: text", with: "thing_id, type: bigint")
    let catalog = try Catalog(files: [CatalogFile(name: "thing.yaml", text: text)])
    let policy = try CompiledPolicy(Array(Samples.rules.utf8), catalog: catalog)
    let database = try TestDatabase(catalog, policy: policy)
    let author = try Author(Samples.village)
    let app = try database.application()
    let all = ["-20", "-3", "2", "9", "10", "99", "100", "1200", "20000"]
    for key in all.shuffled() { try app.execute(Samples.insert(key)) }
    _ = try await author.seal(database.store)
    for step in 1...10 { #expect(try await keys(database, step: step) == all, "by \(step)") }
  }
}
