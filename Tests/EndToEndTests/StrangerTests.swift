import DaemonKit
import Glibc
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Strangers {
    @Test
    func `a certificate of another root is refused and recorded, and the other links live on`()
      async throws
    {
      let tree = try RealTree.running()
      let stranger = try Stranger(tree)
      // Our own daemon does not even begin with it, and says why.
      let outcome = try stranger.runDaemon()
      #expect(outcome.status == 2)
      #expect(String(decoding: outcome.errors, as: UTF8.self).contains(stranger.node))
      try await isRefused(stranger.node, at: tree.town, tree) {
        try stranger.knock(at: tree.town.listen)
      }
      try await othersGoOn(801, tree)
    }

    @Test func `a county cannot vouch for a node outside it`() async throws {
      let tree = try RealTree.running()
      let county = "\(tree.lab.directory)/identities/\(tree.county.node)"
      let stranger = try Stranger(tree)
      try await isRefused("450102000000", at: tree.city, tree) {
        try stranger.knock(at: tree.city.listen, as: "450102000000", vouchedBy: county)
      }
      try await othersGoOn(803, tree)
    }

    /// Somebody knocks: the node's log has the refusal with the name, and no link of that name came to be.
    private func isRefused(
      _ name: String, at node: LabPlan.Node, _ tree: RealTree, _ knock: () throws -> Void
    ) async throws {
      let before = try refusals(at: node, tree).count
      try knock()
      let isRecorded = try await tree.becomesTrue(within: 10) {
        try refusals(at: node, tree).count > before
      }
      #expect(isRecorded, "the log of \(node.node) says nothing")
      #expect(try refusals(at: node, tree).last?.contains(name) == true)
      let links = try await tree.status(node)["links"]?.elements ?? []
      #expect(!links.contains { $0["peer"]?.text == name })
      let shown = try await tree.status(node)["refused_certificates"]?.elements
        .first { $0["peer"]?.text == name }
      #expect(shown?["reason"]?.text?.contains(name) == true)
      #expect(shown?["count"]?.integer ?? 0 > 0)
      #expect(shown?["genuine"]?.bool == false)
    }

    private func refusals(at node: LabPlan.Node, _ tree: RealTree) throws -> [Substring] {
      try LocalFile.readText(tree.lab.log(of: node.node)).split(separator: "\n")
        .filter { $0.contains("certificate refused") }
    }

    @Test func `bytes that are neither TLS nor HTTP2 disturb nobody`() async throws {
      let tree = try RealTree.running()
      let process = tree.lab.runningDaemons()[tree.town.node]
      var open: [Int32] = []
      defer { for descriptor in open { close(descriptor) } }
      for _ in 0..<5 {
        for sample in Babble.samples {
          let descriptor = Babble.send(sample, to: tree.town.listen)
          try #require(descriptor >= 0, "the town does not listen any more")
          open.append(descriptor)
        }
      }
      // All of them stay connected meanwhile.
      try await othersGoOn(802, tree)
      #expect(tree.lab.runningDaemons()[tree.town.node] == process, "the town's daemon ended")
    }

    /// A write passes the town, and its links are live.
    private func othersGoOn(_ number: Int, _ tree: RealTree) async throws {
      let person = Person(number, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138080"))
      _ = try tree.database(tree.county).wait(until: person.exists(), seconds: 10).finish()
      for peer in [tree.village, tree.neighbour, tree.county] {
        #expect(try await tree.linkState(tree.town, with: peer) == "live", "\(peer.node)")
      }
    }
  }
}
