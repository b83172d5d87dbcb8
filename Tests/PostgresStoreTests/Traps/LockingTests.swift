import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import Synchronization
import Testing

@Suite("Locking against applications")
struct LockingTests {
  private let home: FieldValues = [.home: .text(Samples.village), .name: .text("远")]

  /// Seals what applications wrote into these records, then applies: as a node does that receives.
  private func apply(
    _ records: [RecordRef: Record], _ author: Author, _ tx: any StoreTransaction,
    between: () throws -> Void = {}
  ) throws -> (busy: Set<RecordRef>, captured: [CapturedWrite]) {
    let refs = records.keys.sorted()
    let loaded = try tx.load(refs, lock: true)
    let free = refs.filter { !loaded.busy.contains($0) }
    let captured = try tx.takeCaptured(of: free, limit: .max)
    try between()
    // What an application wrote stays: the tests' own way of merging.
    let written = Set(captured.map(\.ref))
    let busy = try tx.save(
      records.filter { !loaded.busy.contains($0.key) && !written.contains($0.key) })
    return (busy.union(loaded.busy), captured)
  }

  @Test("An application that inserts the key while it is being applied keeps its row, and is read")
  func concurrentInsert() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let ref = Samples.ref("k")
    let record = author.record(1, home)
    let app = Shared(try database.application())
    let tries = Mutex(0)
    let result = try await database.store.write { tx in
      try apply([ref: record], author, tx) {
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

    // The naive way: lock, then upsert.
    let naive = try database.daemon()
    try naive.execute("BEGIN")
    let locked = try naive.query("SELECT FROM ledger.thing WHERE thing_id = 'n' FOR UPDATE")
    #expect(locked.count == 0)
    try app.connection.execute(Samples.insert("n", "近"))
    try naive.execute(
      """
      INSERT INTO ledger.thing (thing_id, home, name) VALUES ('n', '\(Samples.village)', '远')
      ON CONFLICT (thing_id) DO UPDATE SET name = excluded.name; COMMIT
      """)
    #expect(try database.text("SELECT name FROM ledger.thing WHERE thing_id = 'n'") == "远")
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing WHERE key = 'n'") == 1)
  }

  @Test("An insert that is left open makes its key busy, in bounded time, and the others go on")
  func openInsert() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let app = try database.application()
    try app.execute("BEGIN; \(Samples.insert("57"))")
    var records: [RecordRef: Record] = [:]
    for index in 1...200 { records[Samples.ref("\(index)")] = author.record(UInt64(index), home) }
    let fixed = records
    let begun = Mutex<[ContinuousClock.Instant]>([])
    let busy = try await database.store.write { tx in
      begun.withLock { $0.append(.now) }
      return try apply(fixed, author, tx).busy
    }
    let tries = begun.withLock(\.self)
    #expect(tries.count == 2)
    // From the first try to the second: eight halvings, each of one short wait.
    if let first = tries.first, let last = tries.last {
      #expect(first.duration(to: last) < .seconds(3))
    }
    #expect(busy == [Samples.ref("57")])
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 199)
    try app.execute("COMMIT")
    // The naive way waits for as long as the application likes.
    try app.execute("BEGIN; \(Samples.insert("x"))")
    let naive = try database.daemon()
    try naive.execute("SET lock_timeout = '300ms'")
    #expect(
      refusal(naive, Samples.insert("x") + " ON CONFLICT DO NOTHING")?.sqlState == "55P03")
  }

  @Test("A key deleted and inserted again in one transaction is found, with both writes")
  func deletedAndInserted() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let ref = Samples.ref("a")
    try await author.receive([ref: author.record(1, home)], database.store)
    let app = try database.application()
    let change = "BEGIN; DELETE FROM ledger.thing; \(Samples.insert("a", "新"))"
    try app.execute(change)
    let during = try await database.store.write { try $0.load([ref], lock: true) }
    #expect(during.busy == [ref])
    try app.execute("COMMIT")
    let captured = try await database.store.write { tx in
      _ = try tx.load([ref], lock: true)
      return try tx.takeCaptured(of: [ref], limit: 10)
    }
    #expect(captured.map(\.isCreation) == [true])
    #expect(captured.first?.values[.name] == .text("新"))

    // The naive way: waits, and then finds no row although there is one.
    try app.execute(change)
    let naive = Waiting(database, asDaemon: true)
    async let found = naive.count("SELECT FROM ledger.thing WHERE thing_id = 'a' FOR UPDATE")
    try await Task.sleep(for: .milliseconds(300))
    try app.execute("COMMIT")
    #expect(try await found == 0)
    #expect(try database.number("SELECT count(*) FROM ledger.thing") == 1)
  }

  @Test(
    "A deleted key that is inserted while its row is looked for is busy: the insert is not taken for a deletion"
  )
  func insertedWhileLookedFor() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let ref = Samples.ref("k")
    let app = try database.application()
    try app.execute(Samples.insert("k"))
    try await author.seal(database.store)
    try app.execute("DELETE FROM ledger.thing")
    try await author.seal(database.store, from: 2)
    // Bodies are read after the row and before the outbox: there the load waits until the insert is committed.
    let daemon = try database.daemon()
    try daemon.execute(
      """
      CREATE SEQUENCE huijia.looks;
      CREATE FUNCTION huijia.meet() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('huijia.looks') = 2 THEN
          FOR _ IN 1..1000 LOOP
            EXIT WHEN EXISTS (SELECT FROM huijia.outbox_thing);
            PERFORM pg_sleep(0.01);
          END LOOP;
        END IF;
        RETURN true;
      END $$;
      ALTER TABLE huijia.record RENAME TO kept;
      CREATE VIEW huijia.record AS SELECT * FROM huijia.kept WHERE huijia.meet()
      """)
    async let taken = database.store.write { tx in
      let loaded = try tx.load([ref], lock: true)
      let free = [ref].filter { !loaded.busy.contains($0) }
      return (busy: loaded.busy, captured: try tx.takeCaptured(of: free, limit: 10))
    }
    var looks = 0
    while try database.number("SELECT last_value FROM huijia.looks") != 2, looks < 500 {
      looks += 1
      try await Task.sleep(for: .milliseconds(10))
    }
    try app.execute(Samples.insert("k", "新"))
    #expect(try await taken.busy == [ref])
    #expect(try await taken.captured.isEmpty)
    try daemon.execute("DROP VIEW huijia.record; ALTER TABLE huijia.kept RENAME TO record")
    let sealed = try await author.seal(database.store, from: 3)
    #expect(sealed.map(\.isCreation) == [true])
    #expect(sealed.first?.values[.name] == .text("新"))
  }

  @Test(
    "Lock and outbox are read in two statements: in one, the write that was waited for is missed")
  func lockThenOutbox() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let ref = Samples.ref("a")
    try await author.receive([ref: author.record(1, home)], database.store)
    let app = try database.application()
    try app.execute("BEGIN; UPDATE ledger.thing SET amount = 1")
    let naive = Waiting(database, asDaemon: true)
    async let found = naive.count(
      """
      WITH l AS MATERIALIZED (SELECT thing_id FROM ledger.thing FOR UPDATE)
      SELECT FROM l JOIN huijia.outbox_thing o ON o.key = l.thing_id
      """)
    try await Task.sleep(for: .milliseconds(300))
    let during = try await database.store.write { try apply([ref: Record()], author, $0).busy }
    #expect(during == [ref])
    try app.execute("COMMIT")
    #expect(try await found == 0)
    let captured = try await database.store.write { tx in
      _ = try tx.load([ref], lock: true)
      return try tx.takeCaptured(of: [ref], limit: 10)
    }
    #expect(captured.map(\.values) == [[.amount: .integer(1)]])
  }

  @Test("An unsealed write under an equal version is not overwritten")
  func unsealedWrite() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let ref = Samples.ref("a")
    let record = author.record(1, home)
    try await author.receive([ref: record], database.store)
    let app = try database.application()
    let naive = try database.daemon()
    let base = try naive.query("SELECT _v FROM ledger.thing").bytes(0, 0) ?? []
    try app.execute("UPDATE ledger.thing SET name = '近'")
    let next = author.write(record, 2, [.name: .text("更远")])
    let captured = try await database.store.write { tx in
      try apply([ref: next], author, tx).captured
    }
    #expect(captured.map(\.values) == [[.name: .text("近")]])
    #expect(try database.text("SELECT name FROM ledger.thing") == "近")
    // The naive way: the version is as it was, so the write is taken as unseen by nobody.
    let overwritten = try naive.query(
      "UPDATE ledger.thing SET name = '更远' WHERE _v = $1", [.bytes(base)])
    #expect(overwritten.affected == 1)
  }

  @Test("In a deadlock over rows, and over a new key, the application never loses")
  func deadlock() async throws {
    let database = try TestDatabase()
    let author = try Author()
    let a = Samples.ref("a")
    let b = Samples.ref("b")
    let k = Samples.ref("k")
    let record = author.record(1, home)
    try await author.receive([a: record, b: record], database.store)
    let app = Waiting(database)
    try await app.execute(
      "BEGIN; UPDATE ledger.thing SET amount = 1 WHERE thing_id = 'a'; \(Samples.insert("k"))")
    let waits = Mutex<[Task<Void, any Error>]>([])
    let next = author.write(record, 2, [.amount: .integer(7)])
    let busy = try await database.store.write { tx in
      try apply([a: next, b: next, k: record], author, tx) {
        waits.withLock { tasks in
          guard tasks.isEmpty else { return }
          tasks.append(
            Task {
              try await app.execute(
                "UPDATE ledger.thing SET amount = 2 WHERE thing_id = 'b'; COMMIT")
            })
        }
        Clock.sleep(milliseconds: 200)
      }.busy
    }
    // The first try finds row a held; when key k costs it a second one, the application may be done by then.
    #expect(!busy.isEmpty)
    for task in waits.withLock(\.self) { try await task.value }
    #expect(try database.number("SELECT amount FROM ledger.thing WHERE thing_id = 'b'") == 2)

    // The naive way: plain locks, and the server's own waiting time.
    let naive = try Connection(database.conninfo)
    try naive.execute("SET session_replication_role = replica; BEGIN")
    try naive.execute("SELECT FROM ledger.thing WHERE thing_id = 'b' FOR UPDATE")
    try await app.execute("BEGIN; UPDATE ledger.thing SET amount = 3 WHERE thing_id = 'a'")
    async let victim = app.refusal("UPDATE ledger.thing SET amount = 3 WHERE thing_id = 'b'")
    try await Task.sleep(for: .milliseconds(300))
    try naive.execute("SELECT FROM ledger.thing WHERE thing_id = 'a' FOR UPDATE")
    #expect(await victim?.sqlState == "40P01")
  }

  @Test(
    "A new row that an application writes between reading and stamping is read again, by the way that locks"
  )
  func writtenWhileSealed() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = Shared(try database.application())
    try app.connection.execute(Samples.insert("k", "旧") + ";" + Samples.insert("other", "旧"))
    let tries = Mutex(0)
    let captured = try await database.store.write { tx in
      let captured = try tx.takeCaptured(of: nil, limit: 100)
      let isFirst = tries.withLock { count in
        count += 1
        return count == 1
      }
      if isFirst {
        try app.connection.execute("UPDATE ledger.thing SET name = '新' WHERE thing_id = 'k'")
      }
      try author.apply(captured, tx, from: 1)
      return captured
    }
    #expect(tries.withLock(\.self) == 2)
    #expect(captured.map(\.values[.name]) == [.text("新"), .text("旧")])
    #expect(try database.number("SELECT count(*) FROM huijia.outbox_thing") == 0)
    #expect(try database.number("SELECT count(*) FROM ledger.thing WHERE _v IS NULL") == 0)
  }

  @Test("A new row that an application holds is left for later, and the others are sealed")
  func heldWhileSealed() async throws {
    let database = try TestDatabase()
    let author = try Author(Samples.village)
    let app = try database.application()
    try app.execute(Samples.insert("k", "旧") + ";" + Samples.insert("other", "旧"))
    try app.execute("BEGIN; UPDATE ledger.thing SET name = '新' WHERE thing_id = 'k'")
    let first = try await author.seal(database.store)
    #expect(first.map(\.ref.key) == ["other"])
    try app.execute("COMMIT")
    let second = try await author.seal(database.store, from: 2)
    #expect(second.map(\.ref.key) == ["k"])
    #expect(second.first?.values[.name] == .text("新"))
    #expect(second.first?.isCreation == true)
  }
}
