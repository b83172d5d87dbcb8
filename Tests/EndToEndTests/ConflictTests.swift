import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Conflicts {
    @Test func `edits of different fields on both sides of a cut link all survive`() async throws {
      let tree = try RealTree.running()
      let person = Person(201, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138010"))
      try await tree.settle()
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        try tree.database(tree.village).run(person.update("phone = '13900139010'"))
        try tree.database(tree.county).run(person.update("education = '20'"))
        try tree.database(tree.department).run(person.update("subsidy = '4'"))
        try await tree.settle()
        let apart = try tree.answers(
          [tree.town, tree.county], person.select("phone", "education", "subsidy"))
        #expect(apart == ["13900139010 - -", "13800138010 20 4"])
      }
      try await tree.settle()
      let inner = [tree.village, tree.town, tree.county]
      let after = try tree.answers(inner, person.select("phone", "education", "subsidy"))
      #expect(after == Array(repeating: "13900139010 20 4", count: 3))
      #expect(try await tree.count("conflicts_open", at: tree.county) == 0)
    }

    @Test
    func `two edits of one field show one value at both ends, and a later look closes the case`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(202, at: tree.village)
      let inner = [tree.village, tree.town, tree.county, tree.department]
      try tree.database(tree.village).run(person.insert(phone: "13800138020"))
      try await tree.settle()
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        try tree.database(tree.county).run(person.update("phone = '13900139021'"))
        try await Task.sleep(for: .milliseconds(20))
        try tree.database(tree.village).run(person.update("phone = '13900139022'"))
        try await tree.settle()
      }
      try await tree.settle()
      // Nobody's word counts more for a telephone: the later one shows.
      let shown = try tree.answers(inner, person.select("phone"))
      #expect(shown == Array(repeating: "13900139022", count: 4))
      for node in inner {
        #expect(try await tree.count("conflicts_open", at: node) == 1, "\(node.node)")
      }

      try tree.database(tree.county).run(person.update("phone = '13900139023'"))
      try await tree.settle()
      let closed = try tree.answers(inner, person.select("phone"))
      #expect(closed == Array(repeating: "13900139023", count: 4))
      for node in inner {
        #expect(try await tree.count("conflicts_open", at: node) == 0, "\(node.node)")
      }
    }

    @Test func `for an address the village's word counts more than a later one of the county`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(203, at: tree.village)
      let inner = [tree.village, tree.town, tree.county, tree.department]
      try tree.database(tree.village).run(person.insert(phone: "13800138030"))
      try await tree.settle()
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        try tree.database(tree.village).run(person.update("address = '村里所知'"))
        try await Task.sleep(for: .milliseconds(20))
        try tree.database(tree.county).run(person.update("address = '城区所知'"))
        try await tree.settle()
      }
      try await tree.settle()
      let shown = try tree.answers(inner, person.select("address"))
      #expect(shown == Array(repeating: "村里所知", count: 4))
      #expect(try await tree.count("conflicts_open", at: tree.county) == 0)
      #expect(try await tree.count("conflicts_by_rule", at: tree.county) == 1)
      // Leave nothing open for the tests that follow.
      try tree.database(tree.village).run(person.update("address = '两边都看过'"))
      try await tree.settle()
      #expect(try await tree.count("conflicts_open", at: tree.county) == 0)
    }
  }
}
