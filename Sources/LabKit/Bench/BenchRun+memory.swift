import DaemonKit
import Glibc
import ReplicationCore
import Synchronization

extension BenchRun {
  /// The daemons of village and town.
  func processes(of chain: HuijiaChain) throws -> [pid_t] {
    let running = chain.lab.runningDaemons()
    return chain.nodes.prefix(2).compactMap { running[$0.node]?.process }
  }

  /// The larger of the village's and the town's daemon, with nothing to do.
  func memory(_ chain: HuijiaChain, idle: Bool, _ report: inout BenchReport) async throws {
    try await Task.sleep(for: .seconds(2))
    add(try processes(of: chain).map(ProcessMemory.init(of:)), "idle", &report)
  }

  func memory(_ peaks: [ProcessMemory], _ report: inout BenchReport) {
    add(peaks, "bulk", &report)
  }

  private func add(_ memory: [ProcessMemory], _ when: String, _ report: inout BenchReport) {
    let words = when == "idle" ? Phrase("空闲", "idle") : Phrase("成批时", "under bulk")
    let (chinese, english) = (words.text(in: .chinese), words.text(in: .english))
    report.figures += [
      BenchFigure(
        name: "rss_\(when)", title: Phrase("守护进程 RSS,\(chinese)", "daemon's RSS, \(english)"),
        unit: "MB", huijia: memory.map(\.resident).max() ?? 0, native: nil),
      BenchFigure(
        name: "pss_\(when)", title: Phrase("守护进程 PSS,\(chinese)", "daemon's PSS, \(english)"),
        unit: "MB", huijia: memory.map(\.share).max() ?? 0, native: nil),
    ]
  }

  /// What the village keeps beside the values in the rows, a record.
  func metadata(_ chain: HuijiaChain, _ report: inout BenchReport) throws {
    let session = try chain.administrator(at: 0)
    let records = Double(max(1, try session.number("SELECT count(*) FROM \(chain.table)")))
    let version = try session.number("SELECT sum(pg_column_size(_v)) FROM \(chain.table)")
    func size(_ condition: String) throws -> Double {
      Double(
        try session.number(
          """
          SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
          WHERE c.relnamespace = 'huijia'::regnamespace AND c.relkind = 'r' AND \(condition)
          """))
    }
    let proofs = try size("c.relname = 'batch'")
    let rest = try size("c.relname <> 'batch' AND c.relname NOT LIKE 'outbox%'")
    let rows: [(String, Phrase, Double)] = [
      ("version_bytes", Phrase("每条记录的版本列", "version column, a record"), Double(version)),
      ("proof_bytes", Phrase("每条记录的签名批次", "signed batches, a record"), proofs),
      ("other_bytes", Phrase("每条记录的其余元数据", "other metadata, a record"), rest),
    ]
    for (name, title, bytes) in rows {
      report.figures.append(
        BenchFigure(name: name, title: title, unit: "B", huijia: bytes / records, native: nil))
    }
  }
}

/// What a process holds in memory, in MB: resident, and its proportional share of what is shared.
struct ProcessMemory: Sendable {
  var resident = 0.0
  var share = 0.0

  init(of process: pid_t) {
    let text = (try? LocalFile.readText("/proc/\(process)/smaps_rollup")) ?? ""
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1, let kilobytes = Double(words[1]) else { continue }
      if words[0] == "Rss:" { resident = kilobytes / 1024 }
      if words[0] == "Pss:" { share = kilobytes / 1024 }
    }
  }
}

/// Looks at processes now and then until it is stopped, and keeps the most that each held.
final class MemoryWatch: Sendable {
  private let processes: [pid_t]
  private let peaks: Mutex<[ProcessMemory]>
  private let isStopped = Atomic<Bool>(false)

  init(_ processes: [pid_t]) {
    self.processes = processes
    peaks = Mutex(processes.map(ProcessMemory.init(of:)))
    Task.detached { await self.look() }
  }

  /// The peaks, in the order of the processes.
  func stop() -> [ProcessMemory] {
    isStopped.store(true, ordering: .relaxed)
    return peaks.withLock { $0 }
  }

  private func look() async {
    while !isStopped.load(ordering: .relaxed) {
      for (index, process) in processes.enumerated() {
        let now = ProcessMemory(of: process)
        peaks.withLock { peaks in
          peaks[index].resident = max(peaks[index].resident, now.resident)
          peaks[index].share = max(peaks[index].share, now.share)
        }
      }
      try? await Task.sleep(for: .milliseconds(250))
    }
  }
}
