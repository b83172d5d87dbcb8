import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Moves {
    @Test func `a move takes edits in flight along and leaves no byte behind`() async throws {
      let tree = try RealTree.running()
      let person = Person(301, at: tree.village)
      let (old, crossing) = ("13877301001", "13877301002")
      try tree.database(tree.village).run(person.insert(phone: old))
      try await tree.settle()
      #expect(try traces(of: old, at: tree.village, in: tree) != [])
      try await tree.story {
        // Both edits wait behind a cut link until the town has moved the person away.
        try tree.lab.setLink(tree.village, .reset)
        try tree.lab.setLink(tree.department, .reset)
        try tree.database(tree.village).run(person.update("phone = '\(crossing)'"))
        try tree.database(tree.department).run(person.update("subsidy = '3'"))
        let there = "\(tree.neighbour.node.code)"
        try tree.database(tree.town).run(
          person.update("home = '\(there)', residence = '\(there)'"))
        try await tree.settle()
        #expect(
          try tree.answers([tree.village, tree.neighbour], person.select("phone", "subsidy"))
            == ["\(crossing) -", "\(old) -"])
      }
      try await tree.settle()
      #expect(try tree.rows(tree.village, person.exists()) == [])
      let holders = [tree.neighbour, tree.town, tree.county, tree.department]
      #expect(
        try tree.answers(holders, person.select("phone", "subsidy", "home"))
          == Array(repeating: "\(crossing) 3 \(tree.neighbour.node.code)", count: 4))

      // The feed is trimmed every ten seconds; then nothing keeps the values any more.
      var left: [String] = []
      let isClean = try await tree.becomesTrue(within: 30) {
        left = try [old, crossing].flatMap { try traces(of: $0, at: tree.village, in: tree) }
        return left.isEmpty
      }
      #expect(isClean, "the old village still has the number in \(left)")
    }

    /// The tables of a node's database that hold a text, in whatever form they keep it.
    private func traces(
      of text: String, at node: LabPlan.Node, in tree: RealTree
    ) throws -> [String] {
      let found = "position('\(text)'::bytea IN body) > 0"
      return try tree.inside(
        node,
        """
        SELECT 'batch' FROM huijia.batch WHERE \(found)
        UNION SELECT 'record' FROM huijia.record WHERE \(found)
        UNION SELECT 'feed' FROM huijia.feed WHERE \(found)
        UNION SELECT 'parked' FROM huijia.parked WHERE position('\(text)'::bytea IN item) > 0
        UNION SELECT 'ledger' FROM ledger.resident WHERE phone = '\(text)'
        ORDER BY 1
        """
      ).split(separator: "\n").map(String.init)
    }
  }
}
