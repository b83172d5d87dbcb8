import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension OuterLoop {
  @Suite struct CountyMoves {
    @Test func `a person moves between counties and what the city may not see is handed over`()
      async throws
    {
      let tree = try TwoCounties.running()
      let person = Person(2101, at: tree.old.village)
      let (old, crossing) = ("13877321001", "13877321002")
      try tree.old.database(tree.old.village).run(person.insert(phone: old))
      try await tree.old.settle()
      try tree.old.database(tree.old.department).run(person.update("subsidy = '3'"))
      try await tree.old.settle()
      try await tree.old.story {
        // Written below a cut link, until the town has moved the person away.
        try tree.old.lab.setLink(tree.old.village, .reset)
        try tree.old.database(tree.old.village).run(
          person.update("phone = '\(crossing)', address = '建政路1号'"))
        let there = "\(tree.village.node.code)"
        try tree.old.database(tree.old.town).run(
          person.update("home = '\(there)', residence = '\(there)'"))
        try await tree.old.settle()
      }
      try await tree.old.settle()

      // Everything that city may see went with the person; the number did not.
      let there = "\(tree.village.node.code)"
      let shown = person.select("home", "name", "address", "subsidy", "phone")
      #expect(
        try tree.old.answers(tree.newLine, shown)
          == Array(repeating: "\(there) 韦美兰 建政路1号 3 -", count: 4))
      #expect(try tree.old.answers([tree.old.city], shown) == ["\(there) 韦美兰 建政路1号 3 -"])
      #expect(try tree.old.answers([tree.old.region], shown) == ["\(there) 韦美兰 - 3 -"])
      for node in tree.oldLine { #expect(try tree.old.rows(node, person.exists()) == []) }

      // The archives close by themselves, but for the number at the old county.
      let isLeft = try await tree.old.becomesTrue(within: 40) {
        let left = try tree.oldLine.map { try tree.open(person, at: $0).flatMap(\.fields) }
        return left == [[], [], ["phone", "phone"], []]
      }
      let archives = try tree.oldLine.map { try tree.open(person, at: $0) }
      #expect(isLeft, "\(archives)")
      #expect(try await tree.old.count("handover_open", at: tree.old.county) == 2)
      let isClean = try await tree.old.becomesTrue(within: 40) {
        try [old, crossing].allSatisfy { try tree.holders(of: $0, among: tree.oldLine) == [] }
      }
      let holders = try tree.holders(of: crossing, among: tree.oldLine)
      #expect(isClean, "\(holders)")

      try handOver(person, in: tree)
      try await tree.old.settle()
      #expect(
        try tree.old.answers(tree.newLine, person.select("phone"))
          == Array(repeating: crossing, count: 4))
      #expect(try tree.old.answers(tree.above, person.select("phone")) == ["-", "-"])
      for number in [old, crossing] {
        #expect(try tree.holders(of: number, among: tree.above) == [])
      }
      #expect(try await tree.old.count("handover_open", at: tree.old.county) == 0)
      // Who wrote it is still told, and proved, at the new home.
      let trace = try tree.control(
        tree.village, ["trace", "resident", person.key, "--field", "phone"])
      #expect(trace.elements.map { $0["node"]?.text } == ["\(tree.old.village.node)"])
      #expect(trace.elements.map { $0["signature"]?.text } == ["valid"])
    }

    /// list, export, forward, import, confirm; and what must be refused on the way.
    private func handOver(_ person: Person, in tree: TwoCounties) throws {
      let folder = tree.old.lab.directory
      let (out, sealed) = ("\(folder)/out.handover", "\(folder)/in.handover")
      let ids = try tree.open(person, at: tree.old.county).map { "\($0.id)" }
      try tree.control(tree.old.county, ["handover", "confirm"] + ids, status: 1)
      try tree.control(tree.old.county, ["handover", "export", "999999", "--file", out], status: 1)
      // What could not be written was not exported: confirming it would lose the values.
      try tree.control(
        tree.old.county, ["handover", "export"] + ids + ["--file", "/nonexistent/f"], status: 2)
      try tree.control(tree.old.county, ["handover", "confirm"] + ids, status: 1)
      try tree.control(tree.old.county, ["handover", "export"] + ids + ["--file", out])
      #expect(LocalFile.mode(of: out).map { $0 & 0o777 } == 0o600)
      // Only the city can open it.
      try tree.control(tree.county, ["handover", "import", "--file", out], status: 2)
      func forward(to node: LabPlan.Node) -> [String] {
        ["handover", "forward", "--file", out, "--to", "\(node.node)", "--out", sealed]
      }
      try tree.control(tree.old.city, forward(to: tree.town), status: 2)
      try tree.control(tree.old.city, forward(to: tree.county))
      var altered = try LocalFile.read(sealed)
      altered[altered.count / 2] ^= 1
      try LocalFile.write(altered, to: "\(sealed).altered", mode: 0o600)
      try tree.control(
        tree.county, ["handover", "import", "--file", "\(sealed).altered"], status: 1)
      let taken = try tree.control(tree.county, ["handover", "import", "--file", sealed])
      #expect(taken["taken"]?.elements.isEmpty == false)
      let again = try tree.control(tree.county, ["handover", "import", "--file", sealed])
      #expect(again["taken"]?.elements == [])
      try tree.control(tree.old.county, ["handover", "confirm"] + ids)
      #expect(try tree.open(person, at: tree.old.county).isEmpty)
    }
  }
}
