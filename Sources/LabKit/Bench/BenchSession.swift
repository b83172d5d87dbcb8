import DaemonKit
import Glibc
import PostgresStore

/// A database as an application of the bench sees it. Calls block.
struct BenchSession {
  private let connection: Connection
  let table: String

  init(_ conninfo: String, table: String) throws {
    connection = try Connection(conninfo)
    self.table = table
    // A plan made for an empty table would scan the filling one again and again, and take half a core from what is measured.
    try connection.execute("SET enable_seqscan = off")
  }

  func execute(_ sql: String) throws { try connection.execute(sql) }

  /// The number that a query answers; 0 for none.
  func number(_ sql: String) throws -> Int { Int(try connection.query(sql).int(0, 0) ?? 0) }

  /// How many rows there are from a key on.
  func count(from first: Int) throws -> Int {
    try number("SELECT count(*) FROM \(table) WHERE survey_id >= \(first)")
  }

  /// Waits until a query answers at least `wanted`. Throws `lab-not-settled` when it does not in time.
  func wait(_ sql: String, wanted: Int, pause: UInt32 = 10_000, seconds: Double = 240) throws {
    let clock = ContinuousClock()
    let late = clock.now + .seconds(seconds)
    while try number(sql) < wanted {
      try Interruption.check("bench")
      if clock.now > late {
        throw OperatorError(.labNotSettled, ["seconds": "\(seconds)"], status: .checkFailed)
      }
      usleep(pause)
    }
  }

  /// Waits until so many rows are there from a key on.
  func waitForRows(from first: Int, count: Int) throws {
    // The last key is looked for often, all rows are counted seldom.
    let last = first + count - 1
    try wait("SELECT count(*) FROM \(table) WHERE survey_id = \(last)", wanted: 1, pause: 5_000)
    try wait(
      "SELECT count(*) FROM \(table) WHERE survey_id >= \(first)", wanted: count, pause: 20_000)
  }

  /// Waits until so many rows from a key on were updated.
  func waitForUpdates(from first: Int, count: Int) throws {
    let last = first + count - 1
    try wait(
      "SELECT count(*) FROM \(table) WHERE survey_id = \(last) AND amount < 0", wanted: 1,
      pause: 5_000)
    try wait(
      "SELECT count(*) FROM \(table) WHERE survey_id >= \(first) AND amount < 0", wanted: count,
      pause: 20_000)
  }
}

/// Seconds that something takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let began = clock.now
  try body()
  return (clock.now - began) / .seconds(1)
}
