import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Verification {
    @Test func `what a hand in the database broke is found, mended and equal again`() async throws {
      let tree = try RealTree.running()
      let persons = (901...906).map { Person($0, at: tree.village) }
      for person in persons {
        try tree.database(tree.village).run(person.insert(phone: "13800138090"))
      }
      try await tree.settle()
      for node in tree.line {
        let outcome = try verify(node, in: tree)
        #expect(outcome.status == 0, "\(node.node): \(outcome.detail)")
      }

      let old = try tree.inside(
        tree.village,
        "SELECT encode(_v, 'hex') FROM ledger.resident WHERE person_id = '\(persons[1].key)'")
      try tree.database(tree.town).run(persons[1].update("phone = '13900139091'"))
      try await tree.settle()
      let unseen = "SET session_replication_role = replica;"
      _ = try tree.inside(
        tree.town, "\(unseen) DELETE FROM ledger.resident WHERE person_id = '\(persons[0].key)'")
      _ = try tree.inside(
        tree.village,
        """
        \(unseen) UPDATE ledger.resident SET phone = '13800138090', _v = decode('\(old)', 'hex')
        WHERE person_id = '\(persons[1].key)';
        DELETE FROM ledger.resident WHERE person_id = '\(persons[2].key)'
        """)
      let link = "\(tree.town.node)"
      let found = try verify(tree.village, ["--link", link, "--json"], in: tree)
      #expect(found.status == 1, "\(found.detail)")
      let document = try JSON(parsing: found.text)
      let records = document["links"]?.elements.first?["records"]?.elements ?? []
      #expect(
        records.compactMap { $0["key"]?.text }.sorted() == persons.prefix(3).map(\.key).sorted())
      #expect(!found.text.contains("13800138090"), "a value of a record is told")
      // The town sees the same of its side of the link.
      #expect(try verify(tree.town, ["--link", "\(tree.village.node)"], in: tree).status == 1)

      let mended = try verify(tree.village, ["--link", link, "--repair"], in: tree)
      #expect(mended.status == 0, "\(mended.detail)")
      for node in tree.line {
        let outcome = try verify(node, in: tree)
        #expect(outcome.status == 0, "\(node.node): \(outcome.detail)")
      }
      let both = [tree.village, tree.town]
      #expect(
        try tree.answers(both, persons[1].select("phone")) == ["13900139091", "13900139091"])
      for person in [persons[0], persons[2]] {
        #expect(
          try tree.answers(both, person.select("phone")) == ["13800138090", "13800138090"])
      }
      let status = try await tree.status(tree.village)["links"]?.elements.first
      #expect(status?["verify_different"]?.integer == 0)
      #expect(status?["verified_at"]?.text != nil)
    }

    @Test func `a link that is cut cannot be verified, and says so`() async throws {
      let tree = try RealTree.running()
      try await tree.story {
        try tree.lab.setLink(tree.village, .reset)
        let isDown = try await tree.becomesTrue(within: 20) {
          try await tree.linkState(tree.village, with: tree.town) != "live"
        }
        #expect(isDown)
        #expect(try verify(tree.village, in: tree).status == 3)
      }
      #expect(try verify(tree.village, ["--link", "450199000000"], in: tree).status == 2)
    }

    private func verify(
      _ node: LabPlan.Node, _ arguments: [String] = [], in tree: RealTree
    ) throws -> Program.Outcome {
      try BuiltPrograms.runControl(
        ["--control", tree.lab.control(of: node.node), "verify"] + arguments)
    }
  }
}
