import DaemonKit
import ReplicationCore

extension DemoScene {
  /// The region is cut off: both inner loops go on, also through a county that was rebooted meanwhile.
  func regionCut(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase(
        "\(cast.region.name)断网,内循环照常;期间\(cast.county.name)重启",
        "\(cast.region.name) is cut off and the inner loops go on; \(cast.county.name) is rebooted meanwhile"
      ))
    try await settle()
    let before = try database(cast.region).value(Self.subsidy(of: person))
    let edge = cast.city ?? cast.county
    try lab.setLink(edge, .reset)
    let seconds = try measure(
      "UPDATE ledger.resident SET subsidy = '5' WHERE person_id = '\(person)'",
      at: cast.department, until: "SELECT WHERE (\(Self.subsidy(of: person))) = '5'",
      at: [cast.village])
    try lab.kill(cast.county.node)
    try lab.start(cast.county.node)
    let problems = try await lab.waitUntilUp(cast.county, seconds: 40)
    for problem in problems { Outcome.complain(problem.report(in: journal.language)) }
    let after = try measure(
      "UPDATE ledger.resident SET phone = '13600136000' WHERE person_id = '\(person)'",
      at: cast.county,
      until: "SELECT FROM ledger.resident WHERE person_id = '\(person)' AND phone = '13600136000'",
      at: [cast.village])
    let apart = try database(cast.region).value(Self.subsidy(of: person))
    journal.check(
      Phrase("断开期间部门和县里的修改都回到村里", "meanwhile edits of department and county come home"),
      apart == before,
      "\(times([cast.village], seconds, journal.language)); \(times([cast.village], after, journal.language))"
    )
    let began = ContinuousClock().now
    try lab.setLink(edge, .open)
    let wait = try database(cast.region).wait(
      until: "SELECT WHERE (\(Self.subsidy(of: person))) = '5'", seconds: 60)
    _ = try wait.finish()
    let healed = (ContinuousClock().now - began) / .seconds(1)
    try await settle()
    journal.check(
      Phrase("恢复后自治区自动赶上", "healed, the region catches up by itself"), true,
      DemoJournal.time(healed))
  }

  private static func subsidy(of person: String) -> String {
    "SELECT subsidy FROM ledger.resident WHERE person_id = '\(person)'"
  }

  /// A family moves to a village of another county; the grandmother stays registered and lives there too.
  func familyMoves(_ journal: inout DemoJournal) async throws {
    guard let there = cast.elsewhere else { return }
    journal.tell(
      Phrase(
        "一家四口从\(cast.village.name)迁到\(there.county.name)\(there.village.name);祖母户口不迁",
        "A family of four moves from \(cast.village.name) to \(there.village.name) of \(there.county.name); the grandmother stays registered"
      ))
    try await register()
    let (old, new) = ("\(cast.village.node.code)", "\(there.village.node.code)")
    let arrived = "SELECT FROM (\(Self.present)) p WHERE p.count = 4"
    let seconds = try measure(
      """
      BEGIN;
      UPDATE ledger.resident SET home = '\(new)', residence = '\(new)'
        WHERE person_id IN (\(Self.movers));
      UPDATE ledger.resident SET residence = '\(new)' WHERE person_id = '\(Self.grandmother)';
      UPDATE ledger.house SET home = '\(new)' WHERE house_id = '\(Self.house)';
      COMMIT
      """, at: cast.village, until: arrived, at: [there.county, there.town, there.village])
    try await settle()
    journal.check(
      Phrase("新的村、街道、区都收到全家", "the new county, town and village get the whole family"), true,
      times([there.county, there.town, there.village], seconds, journal.language))
    let left = try [cast.village, cast.town, cast.county].map {
      try database($0).value(Self.present)
    }
    let houses = try [cast.village, cast.county, there.village, there.county].map {
      try database($0).value("SELECT count(*) FROM ledger.house WHERE house_id = '\(Self.house)'")
    }
    journal.check(
      Phrase(
        "原来一侧只剩祖母(户口 \(old)),房屋档案已随迁",
        "the old side keeps the grandmother alone (registered at \(old)); the house's file went along"
      ),
      Set(left) == ["1"] && houses == ["0", "0", "1", "1"])
    let listed = try database(there.village).value(
      """
      SELECT count(DISTINCT key) FROM huijia.came_home WHERE kind = 'new' AND (
        ledger = 'house' AND key = '\(Self.house)'
        OR ledger = 'resident' AND key IN (\(Self.movers), '\(Self.grandmother)'))
      """)
    journal.check(
      Phrase(
        "新村的 huijia.came_home 列出全家和房屋", "huijia.came_home of the new village lists family and house"
      ),
      listed == "5", listed)
  }

  private func register() async throws {
    let home = "'\(cast.village.node.code)'"
    let people = [
      "'韦国强', '1', '1988-05-06'", "'黄秀英', '2', '1990-09-10'", "'韦小宝', '1', '2018-02-03'",
    ]
    let rows = people.enumerated().map { number, person in
      "('\(Self.key(number + 1))', \(home), \(home), \(person), '1350013500\(number)', '1')"
    }
    try database(cast.village).run(
      """
      INSERT INTO ledger.resident (person_id, home, residence, name, sex, birth_date, phone, status)
      VALUES \(rows.joined(separator: ", ")),
        ('\(Self.grandmother)', \(home), \(home), '覃老太', '2', '1949-10-01', '13500135009', '1');
      INSERT INTO ledger.house (house_id, home, address, owner_name)
      VALUES ('\(Self.house)', \(home), '民族大道38号', '韦国强');
      """)
    try await settle()
  }

  private static func key(_ number: Int) -> String {
    "0190a0b0-0000-7000-8000-00000000fa0\(number)"
  }
  static let movers = (1...3).map { "'\(key($0))'" }.joined(separator: ", ")
  static let grandmother = key(4)
  static let house = key(5)
  /// How many of the family a node holds.
  private static let present =
    "SELECT count(*) FROM ledger.resident WHERE person_id IN (\(movers), '\(grandmother)')"
}
