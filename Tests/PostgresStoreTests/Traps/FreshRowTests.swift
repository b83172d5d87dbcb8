import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Synchronization
import Testing

/// A ledger without casts takes new rows by `COPY` straight into its table: the traps of new keys, once more there.
@Suite("New rows straight into the table")
struct FreshRowTests {
  private let home: FieldValues = [.home: .text(Samples.village), .name: .text("远")]

  private func database() throws -> TestDatabase {
    let lines = Samples.thing.split(separator: "\n").filter {
      !$0.contains("name: price") && !$0.contains("name: details")
    }
    let catalog = try Catalog(
      files: [CatalogFile(name: "thing.yaml", text: lines.joined(separator: "\n"))])
    let rules = Samples.rules.replacing("price, ", with: "").replacing("details, ", with: "")
    return try TestDatabase(
      catalog, policy: try CompiledPolicy(Array(rules.utf8), catalog: catalog))
  }

  private func apply(
    _ records: [RecordRef: Record], _ tx: any StoreTransaction, between: () throws -> Void = {}
  ) throws -> (busy: Set<RecordRef>, captured: [CapturedWrite]) {
    let refs = records.keys.sorted()
    let loaded = try tx.load(refs, lock: true)
    let free = refs.filter { !loaded.busy.contains($0) }
    let captured = try tx.takeCaptured(of: free, limit: .max)
    try between()
    let written = Set(captured.map(\.ref))
    let busy = try tx.save(
      records.filter { !loaded.busy.contains($0.key) && !written.contains($0.key) })
    return (busy.union(loaded.busy), captured)
  }

  @Test("An application that inserts the key meanwhile keeps its row, and is read")
  func concurrentInsert() async throws {
    let database = try database()
    let ref = Samples.ref("k")
    let record = try Author().record(1, home)
    let app = Shared(try database.application())
    let tries = Mutex(0)
    let result = try await database.store.write { tx in
      try apply([ref: record], tx) {
        let isFirst = tries.withLock { count in
          count += 1
          return count == 1
        }
        if isFirst { try app.connection.execute(Samples.insert("k", "近")) }
      }
    }
    #expect(tries.withLock(\.self) == 2)
    #expect(result.captured.map(\.ref) == [ref])
    #expect(try database.text("SELECT name FROM ledger.thing") == "近")
    // The naive way, a COPY that is not taken back: everything that came with the key is lost with it.
    let naive = try database.daemon()
    let copy = "COPY ledger.thing (thing_id, home, name) FROM STDIN"
    #expect(throws: PostgresError.self) {
      try naive.copyIn(copy, [Array("x\t\(Samples.village)\t远\nk\t\(Samples.village)\t远\n".utf8)])
    }
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 1)
  }

  @Test("An insert that is left open makes its key busy, and the others go on")
  func openInsert() async throws {
    let database = try database()
    let author = try Author()
    let app = try database.application()
    try app.execute("BEGIN; \(Samples.insert("57"))")
    var records: [RecordRef: Record] = [:]
    for index in 1...200 { records[Samples.ref("\(index)")] = author.record(UInt64(index), home) }
    let fixed = records
    let busy = try await database.store.write { tx in try apply(fixed, tx).busy }
    #expect(busy == [Samples.ref("57")])
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 199)
    try app.execute("COMMIT")
  }

  @Test("An outline says what the record says: dots, homes and routing, before and after a change")
  func outlines() async throws {
    let database = try database()
    let author = try Author()
    let ref = Samples.ref("a")
    let first = author.record(1, home)
    try await author.receive([ref: first], database.store)
    let neighbour: FieldValues = [.home: .text(Samples.neighbour)]
    for (number, record) in [first, author.write(first, 2, neighbour)].enumerated() {
      if number > 0 { try await author.receive([ref: record], database.store) }
      let cold = PostgresStore(conninfo: database.conninfo)
      cold.use(database.catalog)
      for store in [database.store, cold] {
        let outline = try await store.read { try $0.outlines([ref])[ref] }
        let found = try #require(outline)
        #expect(found.registers.map(\.field) == record.registers.map(\.field))
        #expect(found.registers.map(\.register.dots) == record.registers.map(\.register.dots))
        #expect(found[.home].shown()?.value == record[.home].shown()?.value)
        #expect(found.routing(by: [.home]) == record.routing(by: [.home]))
      }
    }
    let unknown = try await database.store.read { try $0.outlines([Samples.ref("b")]) }
    #expect(unknown.isEmpty)
  }
}
