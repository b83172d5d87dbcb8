import DaemonKit
import ReplicationCore

extension DemoScene {
  /// A link is cut; two tiers edit different fields of one person; both survive.
  func cutLink(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase(
        "\(cast.town.name)与\(cast.county.name)之间断网,两边各改同一人的不同字段",
        "The link between \(cast.town.name) and \(cast.county.name) is cut; both sides edit one person"
      ))
    try await settle()
    try lab.setLink(cast.town, .reset)
    try database(cast.village).run(
      "UPDATE ledger.resident SET phone = '13900139000' WHERE person_id = '\(person)'")
    try database(cast.department).run(
      "UPDATE ledger.resident SET subsidy = '4' WHERE person_id = '\(person)'")
    try await settle()
    let both = "SELECT phone || ' ' || subsidy FROM ledger.resident WHERE person_id = '\(person)'"
    let apart = [
      try database(cast.town).value(both), try database(cast.county).value(both),
    ]
    journal.check(
      Phrase("断网时各自继续工作", "while cut, each side works on"),
      apart == ["13900139000 1", "13800138000 4"])
    let clock = ContinuousClock()
    let began = clock.now
    try lab.setLink(cast.town, .open)
    let waits = try [cast.village, cast.county].map { node in
      try database(node).wait(
        until:
          "SELECT FROM ledger.resident WHERE person_id = '\(person)' AND phone = '13900139000' AND subsidy = '4'",
        seconds: 40)
    }
    for wait in waits { _ = try wait.finish() }
    let seconds = (clock.now - began) / .seconds(1)
    try await settle()
    journal.check(
      Phrase("恢复后两处修改都在,两端一致", "healed, both edits survive at both ends"), true,
      DemoJournal.time(seconds))
  }

  /// A town is killed in the middle of a load; nothing is lost or doubled.
  func killedTown(_ journal: inout DemoJournal) async throws {
    let rows = 2_000
    journal.tell(
      Phrase(
        "\(cast.village.name)正在录入 \(rows) 人,\(cast.town.name)的守护进程被 SIGKILL",
        "\(cast.village.name) registers \(rows) more; \(cast.town.name)'s daemon is killed in the middle"
      ))
    let before = Int(try database(cast.village).value("SELECT count(*) FROM ledger.resident")) ?? 0
    let load = RecordLoad(lab, at: cast.village, ledger: "resident", rows: rows, seed: 2)
    var bar = ProgressBar("  ", total: rows)
    var isKilled = false
    try load.run { done in
      bar.show(done)
      if !isKilled, done >= rows / 2 {
        isKilled = true
        try lab.kill(cast.town.node)
      }
    }
    let clock = ContinuousClock()
    let began = clock.now
    try lab.start(cast.town.node)
    let problems = try await lab.waitUntilUp(cast.town, seconds: 40)
    for problem in problems { Outcome.complain(problem.report(in: journal.language)) }
    try await settle(60)
    let seconds = (clock.now - began) / .seconds(1)
    let prints = try [cast.village, cast.town, cast.county].map {
      try fingerprint(of: cast.village, at: $0)
    }
    let count = prints.first?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    journal.check(
      Phrase("无一丢失,无一重复", "nothing is lost, nothing doubled"),
      isKilled && count == before + rows && Set(prints).count == 1,
      "\(count) = \(before) + \(rows), \(DemoJournal.time(seconds))")
  }

  /// `trace` proves who wrote a value.
  func traced(_ journal: inout DemoJournal) async throws {
    journal.tell(Phrase("追溯:谁写了这些值", "Trace: who wrote these values"))
    let document = try await lab.daemon(of: cast.village.node).call(
      "trace", ["ledger": "resident", "key": .string(person)])
    let wanted = [("subsidy", cast.department), ("phone", cast.county), ("name", cast.village)]
    let entries = document.elements
    let shown = entries.filter { entry in wanted.contains { $0.0 == entry["field"]?.text } }
    Outcome.say(Report(journal.language).trace(.array(shown)))
    for (field, author) in wanted {
      let entry = entries.first { $0["field"]?.text == field }
      journal.check(
        Phrase(
          "\(field) 由\(author.name)填写,签名有效",
          "\(field) was written by \(author.name); signature valid"),
        entry?["node"]?.text == "\(author.node)" && entry?["signature"]?.text == "valid")
    }
  }
}
