import DaemonKit
import Glibc
import ReplicationCore

extension BenchRun {
  /// From a commit's return at the village until the value can be read at the town and at the region.
  func latency(
    _ huijia: HuijiaChain, _ native: NativeChain, _ report: inout BenchReport
  ) async throws {
    say(Phrase("延迟:\(size.commits) 次提交……", "latency: \(size.commits) commits …"))
    let before = try await huijia.sentBytes()
    let ours = try latency(of: huijia)
    let after = try await huijia.sentBytes()
    let theirs = try latency(of: native)
    for (place, hops) in [(1, "one"), (3, "three")] {
      let words = place == 1 ? Phrase("一跳", "one hop") : Phrase("三跳", "three hops")
      for (share, name) in [(0.5, "p50"), (0.99, "p99")] {
        report.figures.append(
          BenchFigure(
            name: "latency_\(hops)_\(name)",
            title: Phrase(
              "提交后可见,\(words.text(in: .chinese)),\(name)",
              "visible after a commit, \(words.text(in: .english)), \(name)"),
            unit: "ms", huijia: (ours[place]?.quantile(share) ?? 0) * 1000,
            native: (theirs[place]?.quantile(share) ?? 0) * 1000))
      }
    }
    report.figures.append(
      BenchFigure(
        name: "wire_bytes_update",
        title: Phrase("单字段更新的线路字节", "bytes on the wire, update of one field"),
        unit: "B", huijia: Double(after - before) / Double(size.commits + 1), native: nil))
  }

  private func latency(of chain: some BenchChain) throws -> [Int: BenchSamples] {
    let writer = try chain.session(at: 0)
    let readers = try [1, 3].map { (place: $0, session: try chain.session(at: $0)) }
    let clock = ContinuousClock()
    var samples: [Int: BenchSamples] = [:]
    try writer.execute(BenchTable.insert(into: chain.table, first: 1, count: 1))
    let row = "SELECT count(*) FROM \(chain.table) WHERE survey_id = 1"
    for (_, session) in readers { try session.wait(row, wanted: 1) }
    for number in 1...size.commits {
      try writer.execute("UPDATE \(chain.table) SET amount = \(-number) WHERE survey_id = 1")
      let committed = clock.now
      for (place, session) in readers {
        try session.wait("\(row) AND amount = \(-number)", wanted: 1, pause: 200)
        samples[place, default: BenchSamples()].add((clock.now - committed) / .seconds(1))
      }
    }
    return samples
  }
}
