import DaemonKit
import Glibc
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed
import Testing

/// Figures of the real code, printed: run with `HUIJIA_MEASURE=1`. Nothing is asserted, machines differ.
@Suite("Measurements", .serialized, .enabled(if: getenv("HUIJIA_MEASURE") != nil))
struct Measurements {
  private static let rows = 100_000
  private static let clock = ContinuousClock()

  /// Residents as the catalog that ships has them, in a county's database.
  private func residents() throws -> TestDatabase {
    let catalog = try Catalog(directory: Samples.config + "/ledgers")
    let text = try LocalFile.readText(Samples.config + "/scopes.yaml")
    let policy = try CompiledPolicy(Array(text.utf8), catalog: catalog)
    return try TestDatabase(catalog, policy: policy, node: "450103000000")
  }

  private static let columns =
    "person_id, home, residence, name, sex, birth_date, id_number, address, phone, ethnicity, status"

  private func source(_ rows: Int) -> String {
    """
    SELECT (lpad(to_hex(i), 8, '0') || '-0000-7000-8000-000000000000')::uuid,
      '450103001' || 200 + i % 20, '450103001' || 200 + i % 20, '张' || i, '1', '1990-01-01'::date,
      '11010519491231002X', '广西南宁市青秀区民族大道' || i || '号', '138' || lpad(i::text, 8, '0'), '01', '1'
    FROM generate_series(1, \(rows)) i
    """
  }

  private func median(_ times: [Duration]) -> Double {
    let sorted = times.sorted()
    return sorted[sorted.count / 2] / .seconds(1)
  }

  private func report(_ what: String, _ seconds: Double, _ rows: Int = rows) {
    let rate = Int(Double(rows) / seconds / 100) * 100
    print("\(what): \(Int(seconds * 1000)) ms, \(rate) rows/s")
  }

  @Test("Capture: a bulk insert and update, with and without triggers and checks")
  func capture() throws {
    let database = try residents()
    let app = try database.application()
    let owner = try Connection(database.conninfo)
    try owner.execute(
      "CREATE TABLE ledger.plain (LIKE ledger.resident INCLUDING ALL); GRANT ALL ON ledger.plain TO huijia_app"
    )
    func insert(_ table: String, _ columns: String = Self.columns) throws -> Double {
      median(
        try (0..<3).map { _ in
          let time = try Self.clock.measure {
            try app.execute("INSERT INTO \(table) (\(columns)) \(source(Self.rows))")
          }
          try database.daemon().execute(
            "DELETE FROM \(table); DELETE FROM huijia.outbox_resident")
          try database.superuser("VACUUM \(table); VACUUM huijia.outbox_resident")
          return time
        })
    }
    report("insert, no capture", try insert("ledger.plain"))
    report("insert, capture and checks", try insert("ledger.resident"))
    try owner.execute(
      """
      CREATE OR REPLACE FUNCTION huijia.valid_identity_number(code text) RETURNS boolean
      LANGUAGE sql IMMUTABLE AS 'SELECT true'
      """)
    report("insert, capture without the check digit", try insert("ledger.resident"))
    for table in ["ledger.plain", "ledger.resident"] {
      try app.execute("INSERT INTO \(table) (\(Self.columns)) \(source(Self.rows))")
      let time = try Self.clock.measure {
        try app.execute("UPDATE \(table) SET remark = '改'")
      }
      report("update of one field, \(table)", time / .seconds(1))
    }
    try database.daemon().execute("DELETE FROM huijia.outbox_resident")
    for table in ["ledger.plain", "ledger.resident"] {
      let time = try Self.clock.measure {
        for i in 1...2000 {
          try app.execute(
            """
            UPDATE \(table) SET remark = 'x'
            WHERE person_id = '\(String(100_000 + i, radix: 16).leftPadded)-0000-7000-8000-000000000000'
            """)
        }
      }
      report("single updates, \(table)", time / .seconds(1), 2000)
    }
  }

  @Test("Sealing what was captured: take and save")
  func sealing() async throws {
    let database = try residents()
    let app = try database.application()
    let author = try Author("450103000000")
    for (what, sql) in [
      ("insert", "INSERT INTO ledger.resident (\(Self.columns)) \(source(Self.rows))"),
      ("update", "UPDATE ledger.resident SET remark = '改'"),
      ("delete", "DELETE FROM ledger.resident"),
    ] {
      try app.execute(sql)
      var split = [Duration.zero, .zero, .zero]
      var first: UInt64 = what == "insert" ? 1 : what == "update" ? 1_000_001 : 2_000_001
      while true {
        let at = first
        let times = try await database.store.write { tx -> (Int, [Duration]) in
          var mark = Self.clock.now
          func lap() -> Duration {
            let now = Self.clock.now
            defer { mark = now }
            return mark.duration(to: now)
          }
          let captured = try tx.takeCaptured(of: nil, limit: 400)
          let take = lap()
          if captured.isEmpty { return (0, []) }
          let (records, order) = try author.merged(captured, tx, from: at)
          try tx.keep([author.batch(order, from: at)])
          let seal = lap()
          _ = try tx.save(records)
          return (captured.count, [take, seal, lap()])
        }
        if times.0 == 0 { break }
        first += UInt64(times.0)
        for index in 0..<3 { split[index] += times.1[index] }
      }
      report("take, after \(what)", split[0] / .seconds(1))
      report("(the test's own merge and signature)", split[1] / .seconds(1))
      report("save, after \(what)", split[2] / .seconds(1))
    }
  }

  @Test("Saving what came from a peer, against COPY and INSERT alone", arguments: [1000, 10_000])
  func saving(_ batch: Int) async throws {
    let database = try residents()
    let author = try Author("450000000000")
    let ledger = LedgerID(1)
    func values(_ i: Int, _ name: String) -> FieldValues {
      [
        FieldID(2): .text("450103001\(200 + i % 20)"),
        FieldID(3): .text("450103001\(200 + i % 20)"),
        FieldID(4): .text("\(name)\(i)"), FieldID(5): .text("1"), FieldID(6): .date(7305),
        FieldID(7): .text("11010519491231002X"), FieldID(8): .text("广西南宁市青秀区民族大道\(i)号"),
        FieldID(9): .text("13800000000"), FieldID(10): .text("01"), FieldID(11): .text("1"),
      ]
    }
    func ref(_ i: Int) -> RecordRef {
      RecordRef(ledger, "\(String(i, radix: 16).leftPadded)-0000-7000-8000-000000000000")
    }
    var load = [Duration]()
    var save = [Duration]()
    func run(_ records: [RecordRef: Record], _ store: PostgresStore) async throws {
      let refs = records.keys.sorted()
      let times = try await store.write { tx in
        let a = Self.clock.now
        _ = try tx.load(refs, lock: true)
        let b = Self.clock.now
        _ = try tx.save(records)
        return (a.duration(to: b), b.duration(to: Self.clock.now))
      }
      load.append(times.0)
      save.append(times.1)
    }
    var known: [RecordRef: Record] = [:]
    for what in ["new rows", "updates"] {
      load = []
      save = []
      let whole = try await Self.clock.measure {
        for start in stride(from: 0, to: Self.rows, by: batch) {
          var records: [RecordRef: Record] = [:]
          for i in start..<start + batch {
            let key = ref(i)
            records[key] =
              what == "updates"
              ? author.write(
                known[key] ?? Record(), UInt64(1_000_000 + start), [FieldID(4): .text("李\(i)")])
              : author.record(UInt64(i + 1), values(i, "张"))
            known[key] = records[key]
          }
          try await run(records, database.store)
        }
      }
      report("\(what) by \(batch): all with the test's own work", whole / .seconds(1))
      report("\(what) by \(batch): load", load.reduce(.zero, +) / .seconds(1))
      report("\(what) by \(batch): save", save.reduce(.zero, +) / .seconds(1))
    }
    let refs = known.keys.sorted()
    let reading = try await Self.clock.measure {
      for start in stride(from: 0, to: Self.rows, by: batch) {
        let slice = Array(refs[start..<start + batch])
        _ = try await database.store.read { try $0.load(slice, lock: false) }
      }
    }
    report("load without lock by \(batch)", reading / .seconds(1))
    let daemon = try database.daemon()
    try daemon.execute("CREATE TABLE ledger.plain (LIKE ledger.resident INCLUDING ALL)")
    try daemon.execute("CREATE TEMP TABLE s (LIKE ledger.resident)")
    let rows = try daemon.query("SELECT coalesce(octet_length(_v), 0) FROM ledger.resident LIMIT 1")
    print("version column: \(rows.int(0, 0) ?? 0) bytes a record")
    let pure = try Self.clock.measure {
      for start in stride(from: 0, to: Self.rows, by: batch) {
        try daemon.execute("BEGIN; TRUNCATE s")
        let lines = (start..<start + batch).map { i in
          "\(ref(i).key)\t450103001200\t450103001200\t张\(i)\t1\t1990-01-01\t11010519491231002X\t广西南宁市青秀区民族大道\(i)号\t13800000000\t01\t1\n"
        }
        try daemon.copyIn("COPY s (\(Self.columns)) FROM STDIN", [Array(lines.joined().utf8)])
        try daemon.execute(
          "INSERT INTO ledger.plain SELECT * FROM s ON CONFLICT DO NOTHING; COMMIT")
      }
    }
    report("COPY and INSERT alone by \(batch)", pure / .seconds(1))
  }
}

extension String {
  fileprivate var leftPadded: String {
    String(repeating: "0", count: max(0, 8 - utf8.count)) + self
  }
}
