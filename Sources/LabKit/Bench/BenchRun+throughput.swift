import DaemonKit
import ReplicationCore

extension BenchRun {
  /// The first key of a round: rounds do not overlap.
  private func firstKey(_ round: Int) -> Int { round * 10_000_000 + 1 }

  /// One statement that inserts all rows, until all are at the town; beside it what capture costs the application.
  func bulk(
    _ huijia: HuijiaChain, _ native: NativeChain, _ report: inout BenchReport
  ) async throws {
    let plain = try huijia.administrator(at: 0)
    try plain.execute(BenchTable.definition("public.bench_plain"))
    var (ours, theirs) = (BenchSamples(), BenchSamples())
    var (captured, bare) = (BenchSamples(), BenchSamples())
    for round in 1...size.rounds {
      say(Phrase("成批插入 \(round)/\(size.rounds)……", "bulk insert \(round)/\(size.rounds) …"))
      let first = firstKey(round)
      theirs.add(try bulk(native, first).whole)
      let sql = BenchTable.insert(into: "public.bench_plain", first: first, count: size.rows)
      bare.add(try seconds { try plain.execute(sql) })
      let watch = MemoryWatch(try processes(of: huijia))
      let times = try bulk(huijia, first)
      let peaks = watch.stop()
      ours.add(times.whole)
      captured.add(times.insert)
      if round == size.rounds { memory(peaks, &report) }
    }
    try plain.execute("DROP TABLE public.bench_plain")
    let rows = Double(size.rows)
    report.figures += [
      BenchFigure(
        name: "bulk_insert", title: Phrase("成批插入,一跳", "bulk insert, one hop"), unit: "rows/s",
        huijia: rows / ours.median, native: rows / theirs.median),
      BenchFigure(
        name: "capture_overhead",
        title: Phrase("捕获:插入耗时为无捕获的倍数", "capture: insert time against none"), unit: "×",
        huijia: captured.median / bare.median, native: nil),
    ]
  }

  private func bulk(
    _ chain: some BenchChain, _ first: Int
  ) throws -> (insert: Double, whole: Double) {
    let (writer, reader) = (try chain.session(at: 0), try chain.session(at: 1))
    var insert = 0.0
    let whole = try seconds {
      insert = try seconds {
        try writer.execute(
          BenchTable.insert(into: chain.table, first: first, count: size.rows))
      }
      try reader.waitForRows(from: first, count: size.rows)
    }
    return (insert, whole)
  }

  /// As many updates of one field of one row, each a transaction, until the last is at the town.
  func updates(
    _ huijia: HuijiaChain, _ native: NativeChain, _ report: inout BenchReport
  ) async throws {
    say(Phrase("逐行更新……", "single-row updates …"))
    let theirs = try updates(native)
    let ours = try updates(huijia)
    let rows = Double(size.rows)
    report.figures.append(
      BenchFigure(
        name: "single_updates", title: Phrase("逐行更新,一跳", "single-row updates, one hop"),
        unit: "rows/s", huijia: rows / ours, native: rows / theirs))
  }

  private func updates(_ chain: some BenchChain) throws -> Double {
    let (writer, reader) = (try chain.session(at: 0), try chain.session(at: 1))
    try writer.execute("SET synchronous_commit = off")
    let first = firstKey(1)
    return try seconds {
      try writer.execute(
        BenchTable.updates(of: chain.table, first: first, count: size.rows))
      try reader.waitForUpdates(from: first, count: size.rows)
    }
  }

  /// Rows written while the receiving end is away: from the first that arrives to the last.
  func backlog(
    _ huijia: HuijiaChain, _ native: NativeChain, _ report: inout BenchReport
  ) async throws {
    say(Phrase("积压……", "backlog …"))
    let theirs = try await backlog(native)
    let ours = try await backlog(huijia)
    report.figures.append(
      BenchFigure(
        name: "backlog", title: Phrase("积压追赶,一跳", "backlog, one hop"), unit: "rows/s",
        huijia: ours, native: theirs))
  }

  private func backlog(_ chain: some BenchChain) async throws -> Double {
    let (writer, reader) = (try chain.session(at: 0), try chain.session(at: 1))
    let first = firstKey(size.rounds + 1)
    try await chain.setReceiving(false)
    try writer.execute(BenchTable.insert(into: chain.table, first: first, count: size.rows))
    try await chain.waitUntilReady()
    let clock = ContinuousClock()
    let isNative = chain is NativeChain
    var began = clock.now
    try await chain.setReceiving(true)
    var there = 0
    // One transaction arrives whole: there the time counts from the start.
    if !isNative {
      let rows = "SELECT count(*) FROM \(chain.table) WHERE survey_id >= \(first)"
      try reader.wait(rows, wanted: 1, pause: 2_000)
      there = try reader.number(rows)
      began = clock.now
    }
    try reader.waitForRows(from: first, count: size.rows)
    return Double(size.rows - there) / ((clock.now - began) / .seconds(1))
  }
}
