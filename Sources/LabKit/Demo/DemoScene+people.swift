import DaemonKit
import Governance
import ReplicationCore

extension DemoScene {
  /// Every village registers its residents; each tier gets those of its own subtree.
  func loadResidents(_ rows: Int, _ journal: inout DemoJournal) async throws {
    journal.tell(Phrase("各村录入居民 \(rows) 人", "The villages register \(rows) residents"))
    let villages = lab.plan.nodes.filter { $0.tier == .village }
    let clock = ContinuousClock()
    let began = clock.now
    var bar = ProgressBar("  ", total: rows)
    var done = 0
    for (index, village) in villages.enumerated() {
      let share = rows / villages.count + (index < rows % villages.count ? 1 : 0)
      let load = RecordLoad(lab, at: village, ledger: "resident", rows: share, seed: 1)
      try load.run { bar.show(done + $0) }
      done += share
    }
    let loaded = (clock.now - began) / .seconds(1)
    try await settle(90)
    let settled = (clock.now - began) / .seconds(1)
    var wrong: [String] = []
    for node in lab.plan.nodes {
      let load = RecordLoad(lab, at: node, ledger: "resident", rows: 0, seed: 1)
      let homes = load.homes.map { "'\($0)'" }.joined(separator: ", ")
      let expected = villages.enumerated().reduce(0) { sum, entry in
        let share = rows / villages.count + (entry.offset < rows % villages.count ? 1 : 0)
        return load.homes.contains(entry.element.node.code) ? sum + share : sum
      }
      let found = try database(node).value(
        "SELECT count(*) FILTER (WHERE home IN (\(homes))) || ' ' || count(*) FROM ledger.resident")
      if found != "\(expected) \(expected)" {
        wrong.append("\(node.node): \(found), expected \(expected)")
      }
    }
    let times = "\(DemoJournal.time(loaded)) + \(DemoJournal.time(settled - loaded))"
    journal.check(
      Phrase("每个节点恰有其辖区的居民", "every node holds the residents of its own area, no more"),
      wrong.isEmpty,
      wrong.first ?? times)
  }

  /// A village's new resident reaches the region, in the fields that each tier may see.
  func newResident(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase(
        "\(cast.village.name)登记一位新居民,一路上行到\(cast.region.name)",
        "\(cast.village.name) registers a new resident, who travels up to \(cast.region.name)"))
    let insert = """
      INSERT INTO ledger.resident
        (person_id, home, residence, name, sex, birth_date, id_number, address, phone, ethnicity,
         status)
      VALUES ('\(person)', '\(cast.village.node.code)', '\(cast.village.node.code)', '韦美兰', '2',
        '1962-03-08', '\(Self.identityNumber)', '民族大道38号', '13800138000', '08', '1')
      """
    let seconds = try measure(
      insert, at: cast.village,
      until: "SELECT FROM ledger.resident WHERE person_id = '\(person)'", at: cast.above)
    journal.check(
      Phrase("新居民到达各级", "the new resident reaches every tier"), true,
      times(cast.above, seconds, journal.language))
    let shown = try database(cast.region).run(
      """
      SELECT name IS NOT NULL AND sex IS NOT NULL AND birth_date IS NOT NULL,
        id_number IS NULL AND phone IS NULL AND address IS NULL
      FROM ledger.resident WHERE person_id = '\(person)'
      """)
    journal.check(
      Phrase("自治区只看到它有权看的字段", "the region sees the fields it may see, and no other"),
      shown == [["t", "t"]])
  }

  /// Area 450103, born 1962-03-08, a sequence number and the check character of GB 11643.
  private static let identityNumber = "45010319620308002" + check("45010319620308002")

  private static func check(_ digits: String) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(digits.utf8, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
    return ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
  }

  /// The department fills in a field of its own; it comes home to the village.
  func comesHome(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase(
        "\(cast.department.name)核定补助,数据回到村里",
        "\(cast.department.name) grants a subsidy, and it comes home"))
    try await settle()
    let seconds = try measure(
      "UPDATE ledger.resident SET subsidy = '1', status = '2' WHERE person_id = '\(person)'",
      at: cast.department,
      until: """
        SELECT FROM ledger.resident
        WHERE person_id = '\(person)' AND subsidy = '1' AND status = '2'
        """,
      at: [cast.village, cast.region])
    journal.check(
      Phrase("部门填写的字段回到村里", "the department's fields come home to the village"), true,
      times([cast.village, cast.region], seconds, journal.language))
    let listed = try database(cast.village).value(
      """
      SELECT string_agg(field, ' ' ORDER BY field) FROM huijia.came_home
      WHERE ledger = 'resident' AND key = '\(person)' AND kind = 'edit'
        AND node = '\(cast.department.node)' AND tier = 'department'
      """)
    journal.check(
      Phrase(
        "huijia.came_home 列出回到村里的字段和填写单位",
        "huijia.came_home lists what came back, and from whom"),
      listed == "status subsidy", listed)
  }

  /// The village may read a subsidy and not decide it.
  func outsideScope(_ journal: inout DemoJournal) async throws {
    journal.tell(Phrase("村里试图改补助", "The village tries to change the subsidy"))
    let refusal = try database(cast.village).refusal(
      of: "UPDATE ledger.resident SET subsidy = '3' WHERE person_id = '\(person)'")
    journal.check(
      Phrase("数据库当场拒绝,并说明由谁维护", "the database refuses at once and says who maintains it"),
      refusal?.contains("HJ001") == true, refusal ?? "not refused")
  }
}
