import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Inbox {
    @Test
    func
      `both tiers edit one field while cut: the inbox shows both at both ends, one command resolves everywhere`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(1501, at: tree.village)
      let inner = [tree.village, tree.town, tree.county, tree.department]
      try await part(person, tree, "phone = '13900139022'", "phone = '13900139021'")

      var ids: Set<String> = []
      for node in inner {
        let conflict = try #require(try inbox(of: person, node, tree).first, "\(node.node)")
        ids.insert(conflict["id"]?.text ?? "")
        #expect(conflict["kind"]?.text == "pending" && conflict["field"]?.text == "phone")
        let values = conflict["values"]?.elements ?? []
        #expect(values.map { $0["value"]?.text } == ["13900139022", "13900139021"])
        #expect(values.map { $0["node"]?.text } == ["\(tree.village.node)", "\(tree.county.node)"])
        #expect(values.map { $0["tier"]?.text } == ["village", "county"])
        #expect(values.map { $0["shown"]?.bool } == [true, false])
        #expect(values.allSatisfy { $0["author"]?.text?.hasPrefix("app_") == true })
        #expect(values.first?["why"]?.text == "later_time")
        #expect(
          try tree.rows(
            node, "SELECT value FROM huijia.conflict WHERE key = '\(person.key)' AND shown")
            == ["13900139022"])
      }
      #expect(ids.count == 1, "an id is the same at every node")
      // The region may not see telephones: neither their conflicts.
      #expect(try inbox(of: person, tree.region, tree) == [])

      // Who does not maintain the field is told who does.
      let id = try #require(ids.first)
      let refused = try run(tree.department, tree, ["conflicts", "resolve", id, "--take", "2"])
      #expect(refused.status == 4)
      let text = String(decoding: refused.errors, as: UTF8.self)
      for word in ["HJ001", "\"phone\"", "village"] { #expect(text.contains(word), "\(text)") }

      // The shown value: an UPDATE that changes nothing, and closes the case all the same.
      let done = try run(
        tree.county, tree, ["conflicts", "resolve", id, "--field", "phone", "--take", "1"])
      #expect(done.status == 0, "\(done.detail)")
      try await tree.settle()
      for node in inner {
        #expect(try inbox(of: person, node, tree) == [], "\(node.node)")
        #expect(try tree.rows(node, person.select("phone")) == ["13900139022"])
      }
      let again = try run(tree.village, tree, ["conflicts", "resolve", id, "--take", "1"])
      #expect(again.status == 1)
    }

    @Test func `what rank decided is listed apart; a whole field is resolved by authority`()
      async throws
    {
      let tree = try RealTree.running()
      let persons = [Person(1511, at: tree.village), Person(1512, at: tree.village)]
      let narrow = ["--ledger", "resident", "--field", "phone"]
      // Others' tests share the tree.
      let open = try await tree.count("conflicts_open", at: tree.village)
      let ruled = try await tree.count("conflicts_by_rule", at: tree.village)
      let ruledAbove = try await tree.count("conflicts_by_rule", at: tree.county)
      let listed = try run(
        tree.village, tree, ["conflicts", "list", "--kind", "pending", "--json"] + narrow)
      let older = Int64(try JSON(parsing: listed.text).elements.count)
      for person in persons {
        try await part(
          person, tree, "phone = '13900139032', address = '村里所知'",
          "phone = '13900139031', address = '城区所知'")
      }
      for person in persons {
        let kinds = try inbox(of: person, tree.village, tree)
          .map { "\($0["field"]?.text ?? "") \($0["kind"]?.text ?? "")" }
        #expect(kinds == ["address by_rule", "phone pending"])
      }
      #expect(try await tree.count("conflicts_open", at: tree.village) == open + 2)
      #expect(try await tree.count("conflicts_by_rule", at: tree.village) == ruled + 2)
      let all = ["conflicts", "resolve", "--all", "--authority", "county"] + narrow
      let unasked = try run(tree.village, tree, all)
      #expect(unasked.status == 2, "nobody said yes")
      let first = try run(tree.village, tree, all + ["--yes", "--limit", "1", "--json"])
      #expect(first.status == 0, "\(first.detail)")
      let report = try JSON(parsing: first.text)
      #expect(report["pending"]?.integer == older + 2, "\(first.text)")
      #expect(report["resolved"] == 1 && report["left"]?.integer == older + 1, "\(first.text)")
      try await tree.settle()
      let rest = try JSON(parsing: try run(tree.village, tree, all + ["--yes", "--json"]).text)
      #expect(rest["resolved"]?.integer == older + 1 && rest["left"] == 0, "\(rest)")
      try await tree.settle()
      for person in persons {
        for node in [tree.village, tree.county] {
          #expect(try tree.rows(node, person.select("phone")) == ["13900139031"])
          #expect(try inbox(of: person, node, tree).count == 1)
        }
        try tree.database(tree.village).run(person.update("address = '两边都看过'"))
      }
      try await tree.settle()
      #expect(try await tree.count("conflicts_by_rule", at: tree.county) == ruledAbove)
    }

    @Test(arguments: [true, false])
    func `a deletion meets an edit that it had not seen: the record stays until somebody decides`(
      isConfirmed: Bool
    ) async throws {
      let tree = try RealTree.running()
      let person = Person(isConfirmed ? 1521 : 1522, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138052"))
      try await tree.settle()
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        try tree.database(tree.county).run(person.delete)
        try tree.database(tree.village).run(person.update("phone = '13700137000'"))
        try await tree.settle()
      }
      try await tree.settle()
      var id = ""
      for node in tree.line {
        #expect(try tree.rows(node, person.select("name")).count == 1, "\(node.node)")
        let conflict = try #require(try inbox(of: person, node, tree).first, "\(node.node)")
        id = conflict["id"]?.text ?? ""
        #expect(conflict["field"]?.text == "alive" && conflict["kind"]?.text == "pending")
        let values = conflict["values"]?.elements ?? []
        #expect(values.map { $0["value"]?.bool } == [true, false])
        #expect(values.map { $0["node"]?.text } == ["\(tree.village.node)", "\(tree.county.node)"])
      }
      let choice = isConfirmed ? "1" : "2"
      let done = try run(tree.town, tree, ["conflicts", "resolve", id, "--take", choice])
      #expect(done.status == 0, "\(done.detail)")
      try await tree.settle()
      for node in tree.line {
        #expect(try inbox(of: person, node, tree) == [], "\(node.node)")
        #expect(try tree.rows(node, person.select("name")).count == (isConfirmed ? 1 : 0))
      }
    }

    @Test func `a stale form does not overwrite what came in between`() async throws {
      let tree = try RealTree.running()
      let person = Person(1531, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138062"))
      try await tree.settle()
      let token = try tree.rows(
        tree.village, "SELECT huijia.version('resident', '\(person.key)')"
      ).joined()
      try tree.database(tree.county).run(person.update("phone = '13900139061'"))
      try await tree.settle()
      try tree.database(tree.village).run(
        "BEGIN; SET LOCAL huijia.seen = '\(token)'; \(person.update("phone = '13900139062'")) COMMIT;"
      )
      try await tree.settle()
      for node in [tree.village, tree.town, tree.county] {
        let values = try inbox(of: person, node, tree).first?["values"]?.elements ?? []
        #expect(values.map { $0["value"]?.text } == ["13900139062", "13900139061"], "\(node.node)")
      }
      try tree.database(tree.village).run(person.update("phone = '13900139063'"))
      try await tree.settle()
      #expect(try inbox(of: person, tree.county, tree) == [])
    }

    /// Village and county each write while the town is cut off from the county; then all is whole again.
    private func part(
      _ person: Person, _ tree: RealTree, _ village: String, _ county: String
    ) async throws {
      try tree.database(tree.village).run(person.insert(phone: "13800138000"))
      try await tree.settle()
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        try tree.database(tree.county).run(person.update(county))
        try await Task.sleep(for: .milliseconds(20))
        try tree.database(tree.village).run(person.update(village))
        try await tree.settle()
      }
      try await tree.settle()
    }

    private func run(
      _ node: LabPlan.Node, _ tree: RealTree, _ arguments: [String]
    ) throws -> Program.Outcome {
      try BuiltPrograms.runControl(["--control", tree.lab.control(of: node.node)] + arguments)
    }

    /// The conflicts of one person at a node.
    private func inbox(
      of person: Person, _ node: LabPlan.Node, _ tree: RealTree
    ) throws -> [JSON] {
      let outcome = try run(node, tree, ["conflicts", "list", "--json"])
      try #require(outcome.status == 0, "\(outcome.detail)")
      return try JSON(parsing: outcome.text).elements.filter { $0["key"]?.text == person.key }
    }
  }
}
