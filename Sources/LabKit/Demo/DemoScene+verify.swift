import DaemonKit
import ReplicationCore

extension DemoScene {
  /// Every link is compared by digests, from its upper end.
  func verified(_ journal: inout DemoJournal) async throws {
    journal.tell(Phrase("核对:每条链路两端一致", "Verify: both ends of every link hold the same"))
    try await settle()
    let began = ContinuousClock().now
    var links = 0
    var records: Int64 = 0
    var wrong: [String] = []
    for node in lab.plan.nodes {
      guard let parent = node.parent else { continue }
      try Interruption.check(lab.directory)
      let document = try await lab.daemon(of: parent).last(
        "verify", ["link": .string("\(node.node)")]
      ) { _ in }
      for link in document["links"]?.elements ?? [] {
        links += 1
        records += link["compared"]?.integer ?? 0
        if link["state"]?.text != "equal" { wrong.append("\(parent): \(link.serialised)") }
      }
    }
    let seconds = DemoJournal.time((ContinuousClock().now - began) / .seconds(1))
    journal.check(
      Phrase("全部链路一致", "all links are equal"), wrong.isEmpty && links > 0,
      wrong.first ?? "\(links), \(records), \(seconds)")
  }
}
