import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Home {
    @Test func `what other tiers changed is listed at home, field by field, and nothing else is`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(1601, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138501"))
      try await tree.settle()
      #expect(try cameHome(tree, tree.village, person) == [])
      try tree.database(tree.department).run(
        "SET huijia.actor = '李科长'; " + person.update("subsidy = '2'"))
      try tree.database(tree.county).run(person.update("phone = '13800138502', name = '韦美兰'"))
      try await tree.settle()
      let rows = try cameHome(tree, tree.village, person)
      #expect(
        rows == [
          "phone edit 450103000000 county app_450103000000 450103001000",
          "subsidy edit 450103000000/civil-affairs department 李科长 450103001000",
        ])
      try tree.database(tree.county).run(person.delete)
      try await tree.settle()
      #expect(
        try cameHome(tree, tree.village, person).contains {
          $0.hasPrefix("alive deleted 450103000000 county")
        })
    }

    @Test func `a person who moves away is listed no longer, and is new in the other village`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(1602, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138503"))
      try await tree.settle()
      try tree.database(tree.county).run(person.update("phone = '13800138504'"))
      try await tree.settle()
      #expect(try cameHome(tree, tree.village, person).count == 1)
      let there = "\(tree.neighbour.node.code)"
      try tree.database(tree.village).run(
        person.update("home = '\(there)', residence = '\(there)'"))
      try await tree.settle()
      #expect(try cameHome(tree, tree.village, person) == [])
      let new = try cameHome(tree, tree.neighbour, person)
      #expect(new.contains { $0.hasPrefix("phone new 450103000000 county") })
      #expect(new.contains { $0.hasPrefix("home new 450103001005 village") })
    }

    @Test func `the database traces a row as the daemon does, at every tier`() async throws {
      let tree = try RealTree.running()
      let person = Person(503, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138505"))
      try await tree.settle()
      try tree.database(tree.department).run(person.update("subsidy = '2'"))
      try await tree.settle()
      try await tree.story {
        // One field with two values: the row has a body then.
        try tree.lab.setLink(tree.town, .reset)
        try tree.database(tree.county).run(person.update("phone = '13800138506'"))
        try tree.database(tree.village).run(person.update("phone = '13800138507'"))
        try await tree.settle()
      }
      try await tree.settle()
      for node in tree.line {
        let document = try await tree.lab.daemon(of: node.node).call(
          "trace", ["ledger": "resident", "key": .string(person.key)])
        let asked = document.elements.map { entry in
          ["field", "value", "node", "author", "dot", "rule", "signature"]
            .map { entry[$0]?.plain ?? "" }.joined(separator: "|")
        }
        let found = try tree.rows(
          node,
          """
          SELECT concat_ws('|', field, coalesce(value, ''), node, coalesce(author, ''), dot,
            coalesce(rule, ''), signature) FROM huijia.trace('resident', '\(person.key)')
          """)
        #expect(found.count > 5)
        #expect(found == asked, "\(node.node)")
      }
    }

    private func cameHome(
      _ tree: RealTree, _ node: LabPlan.Node, _ person: Person
    ) throws -> [String] {
      try tree.rows(
        node,
        """
        SELECT field, kind, node, tier, author, link FROM huijia.came_home
        WHERE ledger = 'resident' AND key = '\(person.key)'
          AND arrived_at BETWEEN written_at - interval '1 minute' AND now() ORDER BY field, id
        """)
    }
  }
}
