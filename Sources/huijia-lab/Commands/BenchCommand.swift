import ArgumentParser
import DaemonKit
import LabKit

/// `bench`: figures beside PostgreSQL's own logical replication.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure beside PostgreSQL's own logical replication. 与 PostgreSQL 逻辑复制对照测量。",
    discussion: "Progress goes to standard error. docs/PERFORMANCE.md says what each figure means.")

  @Option(name: .customLong("dir"), help: "A directory to make and remove; without it one in /tmp.")
  var directory: String?
  @Flag(help: "Few rows, to see that it works; its figures say nothing.") var quick = false
  @Option(help: "Rows of a bulk insert, a backlog and single updates.") var rows: Int?
  @Option(help: "Rounds of the bulk insert; the median counts.") var rounds: Int?
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() async throws {
    var size = quick ? BenchRun.Size.quick : BenchRun.Size.full
    if let rows { size.rows = max(1, rows) }
    if let rounds { size.rounds = max(1, rounds) }
    let bench = BenchRun(
      directory: directory ?? BenchRun.newDirectory(), size: size,
      say: { Outcome.complain($0.text(in: .current)) })
    let report = try await bench.run()
    Outcome.say(json ? report.document.serialised : report.table(in: .current))
  }
}
