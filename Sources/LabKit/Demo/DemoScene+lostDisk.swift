import DaemonKit
import ReplicationCore

extension DemoScene {
  /// A village's database is gone; it starts empty under its own name, everything comes home, and it goes on writing.
  func lostDisk(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase(
        "\(cast.village.name)的硬盘坏了,换上空的数据库重新启动",
        "\(cast.village.name) loses its disk and starts anew with an empty database"))
    try await settle()
    let before = try fingerprint(of: cast.village, at: cast.village)
    let people = try database(cast.village).value("SELECT count(*) FROM ledger.resident")
    try lab.lose(cast.village, stateToo: false)
    let began = ContinuousClock().now
    try lab.start(cast.village.node)
    let (done, total) = try await watchReturn()
    let problems = try await lab.waitUntilUp(cast.village, seconds: 60)
    for problem in problems { Outcome.complain(problem.report(in: journal.language)) }
    try await settle()
    let seconds = (ContinuousClock().now - began) / .seconds(1)
    journal.check(
      Phrase("全部数据回到家", "everything is home again"),
      try fingerprint(of: cast.village, at: cast.village) == before,
      "\(people), \(DemoJournal.time(seconds))"
        + (total > 0 ? "; \(done)/\(total)" : ""))
    let listed = try database(cast.village).value(
      """
      SELECT count(DISTINCT key) FROM huijia.came_home
      WHERE ledger = 'resident' AND kind = 'returned'
      """)
    journal.check(
      Phrase("huijia.came_home 逐条列出回来的记录", "huijia.came_home lists every record that returned"),
      listed == people, listed)
    let write = try measure(
      "UPDATE ledger.resident SET remark = '新硬盘' WHERE person_id = '\(person)'",
      at: cast.village,
      until: "SELECT FROM ledger.resident WHERE person_id = '\(person)' AND remark = '新硬盘'",
      at: [cast.town, cast.county])
    journal.check(
      Phrase("村里继续填写,上级照常收到", "the village goes on writing, and is heard above"), true,
      times([cast.town, cast.county], write, journal.language))
  }

  /// Draws the catch-up's progress until the link is live; the last figures that were told.
  private func watchReturn() async throws -> (done: Int64, total: Int64) {
    guard let parent = cast.village.parent else { return (0, 0) }
    let daemon = lab.daemon(of: cast.village.node)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    var last: (done: Int64, total: Int64) = (0, 0)
    var bar: ProgressBar?
    while clock.now < end {
      try Interruption.check(lab.directory)
      let status = try? await daemon.call("status", limit: .seconds(2))
      let link = status.flatMap { Lab.link(to: parent, in: $0) }
      if let total = link?["catch_up"]?["total"]?.integer, total > 0 {
        last = (link?["catch_up"]?["done"]?.integer ?? 0, total)
        if bar == nil { bar = ProgressBar("  ", total: Int(total)) }
        bar?.show(Int(last.done))
      } else if link?["state"]?.text == "live" {
        break
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    return last
  }
}
