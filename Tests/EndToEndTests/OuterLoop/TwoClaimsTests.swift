import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension OuterLoop {
  @Suite struct TwoClaims {
    @Test func `one key registered in two counties keeps one home when the claim is decided`()
      async throws
    {
      let tree = try TwoCounties.running()
      let first = Person(2201, at: tree.old.village)
      let second = Person(2201, at: tree.village)
      let conflicts = try await tree.old.count("conflicts_open", at: tree.old.city)
      try await tree.old.story {
        // Neither county hears of the other before both have registered the person.
        try tree.old.lab.setLink(tree.old.county, .reset)
        try tree.old.lab.setLink(tree.county, .reset)
        try tree.old.database(tree.old.village).run(first.insert(phone: "13877322001"))
        try tree.old.database(tree.village).run(
          second.insert(phone: "13877322002", name: "韦兰"))
        try await tree.old.settle()
        #expect(try tree.old.answers([tree.county], second.select("name")) == ["韦兰"])
      }
      try await tree.old.settle()

      // The first claim stands; the later one's villages give the record up, its values stay above.
      let here = "\(tree.old.village.node.code)"
      #expect(
        try tree.old.answers(
          [tree.old.village, tree.old.town, tree.old.county, tree.old.city], first.select("home"))
          == Array(repeating: here, count: 4))
      for node in tree.newLine { #expect(try tree.old.rows(node, second.exists()) == []) }
      // Homes and name: an entry each.
      #expect(try await tree.old.count("conflicts_open", at: tree.old.city) > conflicts)

      // An ordinary write that saw both decides: the person belongs to the neighbour, under one name.
      let there = "\(tree.old.neighbour.node.code)"
      try tree.old.database(tree.old.county).run(
        first.update("home = '\(there)', residence = '\(there)', name = '韦美兰 (兰)'"))
      try await tree.old.settle()
      let shown = first.select("home", "residence", "name")
      #expect(
        try tree.old.answers(
          [tree.old.neighbour, tree.old.town, tree.old.county, tree.old.city, tree.old.region],
          shown) == Array(repeating: "\(there) \(there) 韦美兰 (兰)", count: 5))
      #expect(try tree.old.rows(tree.old.village, first.exists()) == [])
      #expect(try await tree.old.count("conflicts_open", at: tree.old.city) == conflicts)
      for node in tree.newLine { #expect(try tree.old.rows(node, second.exists()) == []) }
      // What the city may not see of the second claim waits at its county.
      let isLeft = try await tree.old.becomesTrue(within: 40) {
        try tree.open(second, at: tree.county).flatMap(\.fields) == ["phone"]
      }
      let archive = try tree.open(second, at: tree.county)
      #expect(isLeft, "\(archive)")
    }
  }
}
