import DaemonKit
import ReplicationCore

extension DemoScene {
  /// What the common parent may not see stays sealed at the old county, until its operator hands it over.
  func handedOver(_ journal: inout DemoJournal) async throws {
    guard let there = cast.elsewhere else { return }
    journal.tell(
      Phrase(
        "\(cast.common.name)无权看的字段由\(cast.county.name)移交给\(there.county.name)",
        "What \(cast.common.name) may not see is handed over by \(cast.county.name) to \(there.county.name)"
      ))
    let phones = "SELECT count(phone) FROM ledger.resident WHERE person_id IN (\(Self.movers))"
    let before = try database(there.village).value(phones)
    let old = lab.daemon(of: cast.county.node)
    let list = try await old.call("handover.list").elements
    let ids = list.filter { item in
      item["key"]?.text.map { Self.movers.contains($0) } ?? false
    }.compactMap { $0["id"] }
    journal.check(
      Phrase(
        "原区的移交清单列出这些记录,内容已加密", "the old county lists them, sealed to its parent"),
      before == "0" && !ids.isEmpty, "\(ids.count)")
    let exported = try await old.call("handover.export", ["ids": .array(ids)])
    _ = try await old.call("handover.exported", ["ids": .array(ids)])
    let forwarded = try await lab.daemon(of: cast.common.node).call(
      "handover.forward",
      ["bundle": exported["bundle"] ?? .null, "to": .string("\(there.county.node)")])
    let wait = try database(there.village).wait(
      until: "SELECT WHERE (\(phones)) = 3", seconds: 20)
    let began = ContinuousClock().now
    _ = try await lab.daemon(of: there.county.node).call(
      "handover.import", ["bundle": forwarded["bundle"] ?? .null])
    _ = try wait.finish()
    let seconds = (ContinuousClock().now - began) / .seconds(1)
    try await settle()
    journal.check(
      Phrase(
        "导出、转交、导入后,电话到了新的村", "exported, forwarded, imported: the telephones are in the new village"),
      true, DemoJournal.time(seconds))
  }
}
