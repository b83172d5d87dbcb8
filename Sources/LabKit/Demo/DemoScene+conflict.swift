import DaemonKit
import ReplicationCore

extension DemoScene {
  /// Two tiers edit one field of one person while apart; the inbox shows both values, one command decides everywhere.
  func sameField(_ journal: inout DemoJournal) async throws {
    journal.tell(
      Phrase(
        "断网期间,\(cast.village.name)和\(cast.county.name)改了同一人的同一个字段",
        "While cut, \(cast.village.name) and \(cast.county.name) edit the same field of one person")
    )
    try await settle()
    try lab.setLink(cast.town, .reset)
    try database(cast.village).run(
      "UPDATE ledger.resident SET phone = '13700137001' WHERE person_id = '\(person)'")
    try database(cast.county).run(
      "UPDATE ledger.resident SET phone = '13700137002' WHERE person_id = '\(person)'")
    try await settle()
    try lab.setLink(cast.town, .open)
    _ = try await lab.waitUntilUp(cast.town, seconds: 40)
    try await settle()
    let inner = [cast.village, cast.town, cast.county, cast.department]
    let both = try inner.map { try database($0).value(Self.values(of: person)) }
    journal.check(
      Phrase("四个节点的冲突收件箱都列出两个值", "the inbox shows both values at all four nodes"),
      Set(both) == ["13700137001 13700137002"], both.first ?? "")
    let inbox = lab.daemon(of: cast.county.node)
    let list = try await inbox.call("conflict.list", ["ledger": "resident", "field": "phone"])
    guard let entry = list.elements.first(where: { $0["key"]?.text == person }),
      let values = entry["values"]?.elements,
      let number = values.first(where: { $0["node"]?.text == "\(cast.village.node)" })?["number"]
    else {
      journal.check(Phrase("县里可以处理这个冲突", "the county can decide the conflict"), false)
      return
    }
    let waits = try inner.map {
      try database($0).wait(
        until: "SELECT WHERE (\(Self.values(of: person))) IS NULL", seconds: 20)
    }
    let began = ContinuousClock().now
    _ = try await inbox.call(
      "conflict.resolve",
      ["id": entry["id"] ?? .null, "take": number, "seen": entry["version"] ?? .null])
    for wait in waits { _ = try wait.finish() }
    let seconds = (ContinuousClock().now - began) / .seconds(1)
    let shown = try inner.map {
      try database($0).value("SELECT phone FROM ledger.resident WHERE person_id = '\(person)'")
    }
    journal.check(
      Phrase("县里一条命令,处处解决", "one command at the county resolves it everywhere"),
      Set(shown) == ["13700137001"], DemoJournal.time(seconds))
  }

  /// The values of the person's telephone in conflict, as an application asks; null when there are none.
  private static func values(of person: String) -> String {
    """
    SELECT string_agg(value, ' ' ORDER BY value) FROM huijia.conflict
    WHERE ledger = 'resident' AND key = '\(person)' AND field = 'phone'
    """
  }
}
