import DaemonKit
import LabKit
import Testing

extension EndToEnd {
  @Suite struct Bench {
    @Test func `the bench measures every figure, prints one document and leaves nothing`() throws {
      let directory = "\(BenchRun.newDirectory())-test"
      let outcome = try BuiltPrograms.runLab(["bench", "--quick", "--json", "--dir", directory])
      #expect(outcome.status == 0)
      let figures = try JSON(parsing: Array(outcome.text.utf8)).elements
      let names = Set(figures.compactMap { $0["name"]?.text })
      #expect(
        names.isSuperset(of: [
          "bulk_insert", "single_updates", "backlog", "latency_one_p50", "latency_one_p99",
          "latency_three_p50", "latency_three_p99", "capture_overhead", "wire_bytes_update",
          "rss_idle", "pss_idle", "rss_bulk", "pss_bulk", "version_bytes", "proof_bytes",
        ]))
      for figure in figures { #expect((figure["huijia"]?.double ?? 0) > 0, "\(figure)") }
      for name in ["bulk_insert", "single_updates", "backlog", "latency_three_p50"] {
        let figure = figures.first { $0["name"]?.text == name }
        #expect((figure?["native"]?.double ?? 0) > 0, "\(name) has nothing beside it")
      }
      #expect(!LocalFile.exists(directory))
    }
  }
}
