package import DaemonKit
import Glibc
import ReplicationCore

/// Measures Huijia beside PostgreSQL's own logical replication: same machine, same table, same rounds.
package struct BenchRun: Sendable {
  /// How much is measured.
  package struct Size: Sendable {
    /// Rows of a bulk insert, of a backlog, and single-row updates.
    package var rows: Int
    /// Commits whose latency is measured.
    package var commits: Int
    /// Bulk inserts of each kind; the median counts.
    package var rounds: Int

    /// What is published.
    package static let full = Size(rows: 200_000, commits: 500, rounds: 3)
    /// Whether it works at all.
    package static let quick = Size(rows: 2_000, commits: 20, rounds: 1)
  }

  let directory: String
  let size: Size
  let say: @Sendable (Phrase) -> Void

  /// Prepares a run in a directory that is made for it and removed afterwards.
  package init(directory: String, size: Size, say: @escaping @Sendable (Phrase) -> Void) {
    self.directory = LocalFile.absolute(directory)
    self.size = size
    self.say = say
  }

  /// A fresh name under `/tmp`.
  package static func newDirectory() -> String { "/tmp/huijia-bench-\(getpid())" }

  /// Runs it. Whatever happens, nothing of it is left.
  package func run() async throws -> BenchReport {
    let spec = try LabSpec.find("bench/bench.yaml")
    do {
      say(Phrase("启动四级链和对照集群……", "bringing up both chains of four databases …"))
      let (lab, report) = try await Lab.up(directory, spec: spec) { _ in }
      if let problem = report.problems.first { throw problem }
      let native = try NativeChain.make(in: Self.cluster(lab), sockets: Self.sockets(lab))
      let measured = try await measure(HuijiaChain(lab: lab), native)
      try takeDown()
      return measured
    } catch {
      try? takeDown()
      throw error
    }
  }

  /// Beside the lab's own cluster: within reach of the same user, and purged with it.
  private static func cluster(_ lab: Lab) -> String { "\(lab.plan.cluster)/native" }
  private static func sockets(_ lab: Lab) -> String { "\(lab.plan.sockets)/native" }

  private func takeDown() throws {
    if let lab = try? Lab.open(directory) {
      let cluster = try ManagedCluster(
        directory: Self.cluster(lab), socketDirectory: Self.sockets(lab), isLogical: true)
      if let postmaster = cluster.postmaster {
        postmaster.send(SIGQUIT)
        _ = postmaster.waitForEnd(seconds: 10)
      }
    }
    try Lab.down(directory, purge: true)
  }

  private func measure(_ huijia: HuijiaChain, _ native: NativeChain) async throws -> BenchReport {
    var report = BenchReport()
    try await latency(huijia, native, &report)
    say(Phrase("一跳:停下县和市……", "one hop: county and region stopped …"))
    try await huijia.setHops(1)
    try await native.setHops(1)
    try await memory(huijia, idle: true, &report)
    try await bulk(huijia, native, &report)
    try await updates(huijia, native, &report)
    try await backlog(huijia, native, &report)
    try metadata(huijia, &report)
    return report
  }
}
