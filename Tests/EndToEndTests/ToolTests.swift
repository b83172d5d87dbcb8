import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Tools {
    @Test func `huijiactl prints the documents that scripts rely on`() async throws {
      let tree = try RealTree.running()
      let person = Person(1101, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138110"))
      try await tree.settle()

      let status = try ask(tree, ["status"])
      #expect(
        missing(
          [
            "node", "tier", "name", "incarnation", "state", "clock_offset_ms", "unsealed",
            "feed_head", "conflicts_open", "quarantine_open", "parked", "policy_epoch",
            "catalog_epoch", "links",
          ], in: status) == [])
      #expect(status["node"]?.text == "450103000000")
      #expect(status["tier"]?.text == "county")
      #expect(status["policy_epoch"]?.integer == 1)

      let names = [
        "peer", "role", "loop", "state", "reason", "to_send", "unacked", "behind_seconds",
        "received_at", "catch_up",
      ]
      let links = try ask(tree, ["links"])
      #expect(links.elements.count == 3)
      for link in links.elements {
        #expect(missing(names, in: link) == [])
        #expect(link["state"]?.text == "live")
        let isParent = link["peer"]?.text == "\(tree.city.node)"
        #expect(link["role"]?.text == (isParent ? "parent" : "child"))
        #expect(link["loop"]?.text == (isParent ? "outer" : "inner"))
      }

      let trace = try ask(tree, ["trace", "resident", person.key])
      #expect(!trace.elements.isEmpty)
      for entry in trace.elements {
        let wanted = ["field", "value", "node", "author", "time", "dot", "rule", "signature"]
        #expect(missing(wanted, in: entry) == [])
        #expect(entry["signature"]?.text == "valid")
      }
      let one = try ask(tree, ["trace", "resident", person.key, "--field", "phone"])
      #expect(one.elements.map { $0["value"]?.text } == ["13800138110"])
    }

    @Test func `ledgers and scopes are shown with the names that scripts rely on`() throws {
      let tree = try RealTree.running()
      let ledgers = try ask(tree, ["ledger", "list"])
      let known = Set(ledgers.elements.compactMap { $0["name"]?.text })
      #expect(known.isSuperset(of: ["resident", "house", "organization", "event"]))

      let resident = try ask(tree, ["ledger", "show", "resident"])
      #expect(missing(["name", "key", "homes", "lane", "fields"], in: resident) == [])
      #expect(resident["key"]?.text == "person_id")
      #expect(resident["homes"] == ["home", "residence"])
      #expect(resident["lane"]?.text == "bulk")
      let fields = resident["fields"]?.elements ?? []
      for field in fields {
        let wanted = ["name", "title", "type", "sensitive", "authorities"]
        #expect(missing(wanted, in: field) == [])
      }
      let names = Set(fields.compactMap { $0["name"]?.text })
      #expect(
        names.isSuperset(of: [
          "home", "residence", "name", "sex", "birth_date", "id_number", "address", "phone",
          "ethnicity", "status", "subsidy",
        ]))
      #expect(try ask(tree, ["ledger", "show", "event"])["lane"]?.text == "urgent")

      let explained = try ask(tree, ["scope", "explain", "\(tree.village.node)", "resident"])
      let rights = explained["fields"]?.elements ?? []
      for right in rights {
        #expect(missing(["field", "read", "maintain", "mask", "rule"], in: right) == [])
      }
      let subsidy = rights.first { $0["field"]?.text == "subsidy" }
      #expect(subsidy?["read"]?.bool == true)
      #expect(subsidy?["maintain"]?.bool == false)
      let phone = rights.first { $0["field"]?.text == "phone" }
      #expect(phone?["maintain"]?.bool == true)
      #expect(phone?["rule"]?.text?.hasPrefix("village-keeps-residents") == true)
    }

    @Test
    func
      `explain says hop by hop who holds a record, and judges one that is not here by its homes`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(1120, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138120"))
      try await tree.settle()
      let region = "\(tree.region.node)"
      let held = try ask(tree, ["scope", "explain", region, "resident", person.key])
      #expect(held["held"]?.bool == true && held["known"]?.bool == true)
      func field(_ name: String, _ document: JSON) -> JSON? {
        document["fields"]?.elements.first { $0["field"]?.text == name }
      }
      #expect(field("name", held)?["arrives"]?.bool == true)
      #expect(field("phone", held)?["blocked_at"]?.text == "\(tree.city.node)")
      #expect(field("phone", held)?["reason"]?.text == "no_rule")
      let hops = held["paths"]?.elements.first?["hops"]?.elements.compactMap { $0["node"]?.text }
      #expect(
        hops == [tree.village, tree.town, tree.county, tree.city, tree.region].map { "\($0.node)" })

      let unknown = "0190a0b0-0000-7000-8000-00000000beef"
      let absent = ["scope", "explain", region, "resident", unknown]
      let socket = ["--control", tree.lab.control(of: tree.county.node)]
      let refused = try BuiltPrograms.runControl(socket + absent)
      #expect(refused.status == 1 && refused.detail.contains("--home"), "\(refused)")
      let judged = try ask(tree, absent + ["--home", "\(tree.village.node)"])
      #expect(judged["held"]?.bool == false)
      #expect(judged["fields"] == held["fields"])

      let misspelt = try BuiltPrograms.runControl(
        socket + ["scope", "explain", "450103000000/civil-afairs", "resident"])
      #expect(misspelt.status == 2)
      #expect(misspelt.detail.contains("\(tree.department.node)"), "\(misspelt)")
      let stranger = try BuiltPrograms.runControl(
        socket + ["scope", "explain", "450103001007", "resident", "--json"])
      #expect(stranger.status == 0 && stranger.detail.contains("\(tree.town.node)"))
      #expect(try JSON(parsing: stranger.text)["known"]?.bool == false)
    }

    @Test func `a policy file is checked by the daemon, or without one against a folder`() throws {
      let tree = try RealTree.running()
      let shipped = try ask(tree, ["scope", "show"])["source"]?.text ?? ""
      let folder = BuiltPrograms.root + "/Config/ledgers"
      let file = tree.lab.directory + "/checked.yaml"
      let wrong = shipped.replacing("birth_date: year", with: "sex: suppress")
      for (text, status) in [(shipped, Int32(0)), (wrong, 1)] {
        try LocalFile.write(Array(text.utf8), to: file)
        let check = ["scope", "check", file, "--json"]
        let asked = try BuiltPrograms.runControl(
          check + ["--control", tree.lab.control(of: tree.county.node)])
        let alone = try BuiltPrograms.runControl(check + ["--catalog", folder])
        #expect(asked.status == status && alone.status == status, "\(asked.detail)")
        #expect(asked.text == alone.text)
        let problems = try JSON(parsing: asked.text).elements
        #expect(problems.isEmpty == (status == 0))
        for problem in problems {
          let names = ["line", "column", "rule", "severity", "message", "hint"]
          #expect(missing(names, in: problem) == [])
          #expect(problem["rule"]?.text == "village-gets-disability")
        }
      }
      LocalFile.remove(file)
    }

    @Test func `a cut link shows what waits for it, and why; settle notes the cut and ends well`()
      async throws
    {
      let tree = try RealTree.running()
      let persons = (1111...1113).map { Person($0, at: tree.village) }
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        for person in persons {
          try tree.database(tree.village).run(person.insert(phone: "13800138111"))
        }
        try await tree.settle()
        let links = try JSON(
          parsing: try BuiltPrograms.runControl(
            ["links", "--json", "--control", tree.lab.control(of: tree.town.node)]
          ).text)
        let up = try #require(
          links.elements.first { $0["peer"]?.text == "\(tree.county.node)" })
        #expect(up["state"]?.text == "connecting")
        #expect((up["to_send"]?.integer ?? 0) >= 3, "\(up.serialised)")
        #expect((up["behind_seconds"]?.double ?? 0) > 0)
        #expect(up["reason"]?.text?.contains("descriptor") == false, "\(up.serialised)")
        let settled = try BuiltPrograms.runLab(["settle", "--dir", tree.lab.directory])
        let text = String(decoding: settled.errors, as: UTF8.self)
        #expect(settled.status == 0 && text.hasPrefix("note: "), "\(text)")
      }
    }

    @Test func `one line gives a shell what it needs to reach a node`() throws {
      let tree = try RealTree.running()
      let of = ["nodes", "--dir", tree.lab.directory]
      let village = "\(tree.village.node)"
      func lines(_ arguments: [String]) throws -> [String] {
        let outcome = try BuiltPrograms.runLab(of + arguments)
        try #require(outcome.status == 0, "\(outcome.detail)")
        return outcome.text.split(separator: "\n").map(String.init)
      }
      let socket = tree.lab.control(of: tree.village.node)
      #expect(try lines([village, "--show", "control"]) == [socket])
      #expect(try lines(["--show", "node"]) == tree.lab.plan.nodes.map { "\($0.node)" })
      let one = try JSON(parsing: try BuiltPrograms.runLab(of + [village, "--json"]).text)
      #expect(one.elements.map { $0["node"]?.text } == [village])
      for wrong in [["450199000000"], [village, "--show", "coninfo"]] {
        #expect(try BuiltPrograms.runLab(of + wrong).status == 2, "\(wrong)")
      }
    }

    @Test func `what an operator mistypes is named, and a key may be written in capitals`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(1141, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138141"))
      try await tree.settle()
      let socket = tree.lab.control(of: tree.county.node)
      func complaint(_ words: [String]) throws -> String {
        let outcome = try BuiltPrograms.runControl(words)
        #expect(outcome.status != 0, "\(words)")
        return String(decoding: outcome.errors, as: UTF8.self)
      }
      let mistyped = try complaint(["--control", socket, "stauts"])
      #expect(mistyped.hasPrefix("error: there is no command stauts; there are: status, links,"))
      let key = ["trace", "resident", "abc", "--control", socket]
      #expect(
        try complaint(key).hasPrefix(
          "error: abc is no key of ledger resident: its key person_id is of type uuid"))
      let nobody = "/tmp/huijia-nobody.sock"
      let unreachable = try complaint(["status", "--control", nobody])
      #expect(unreachable.split(separator: nobody, omittingEmptySubsequences: false).count == 2)
      #expect(unreachable.contains("No such file or directory"))
      #expect(try ask(tree, ["trace", "resident", person.key.uppercased()]).elements.count > 3)
    }

    @Test func `a list that was cut short says so, and a limit of nothing is wrong usage`()
      async throws
    {
      let tree = try RealTree.running()
      let persons = [Person(1121, at: tree.village), Person(1122, at: tree.village)]
      for person in persons {
        try tree.database(tree.village).run(person.insert(phone: "13800138121"))
      }
      try await tree.settle()
      try await tree.story {
        try tree.lab.setLink(tree.town, .reset)
        for person in persons {
          try tree.database(tree.village).run(person.update("phone = '13800138122'"))
          try tree.database(tree.county).run(person.update("phone = '13800138123'"))
        }
      }
      try await tree.settle()
      let list = [
        "conflicts", "--json", "--control", tree.lab.control(of: tree.county.node), "--limit",
      ]
      let cut = try BuiltPrograms.runControl(list + ["1"])
      #expect(cut.status == 0)
      #expect(try JSON(parsing: cut.text).elements.count == 1)
      #expect(String(decoding: cut.errors, as: UTF8.self).contains("[list-cut]"))
      #expect(try BuiltPrograms.runControl(list + ["9999"]).errors.isEmpty)
      #expect(try BuiltPrograms.runControl(list + ["0"]).status == 2)
      for person in persons {
        try tree.database(tree.county).run(person.update("phone = '13800138124'"))
      }
      try await tree.settle()
    }

    @Test func `a node that maintains nothing is told so`() async throws {
      let tree = try RealTree.running()
      let person = Person(1131, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138131"))
      try await tree.settle()
      let outcome =
        try tree.database(tree.city).refusal(of: person.update("name = '改名'")) ?? ""
      #expect(outcome.contains("HJ001") && outcome.contains("no rule of the policy"), "\(outcome)")
    }

    @Test func `the exit status tells a failed check from wrong usage and an absent daemon`() throws
    {
      let tree = try RealTree.running()
      let socket = ["--control", tree.lab.control(of: tree.county.node)]
      let unknown = "0190a0b0-0000-7000-8000-00000000dead"
      for key in [unknown, "no-uuid"] {
        let outcome = try BuiltPrograms.runControl(socket + ["trace", "resident", key, "--json"])
        #expect(outcome.status == 1)
        #expect(outcome.output == [], "standard output holds documents only")
        let text = String(decoding: outcome.errors, as: UTF8.self)
        #expect(text.contains(key) && text.contains("resident"), "\(text)")
      }
      let wrong: [[String]] = [
        ["frobnicate"], ["trace", "resident"], ["trace", "residents", unknown],
        ["trace", "resident", unknown, "--field"], ["ledger", "show", "residents"],
        ["scope", "explain", "12", "resident"], ["status", "--nonsense"],
      ]
      for arguments in wrong {
        let outcome = try BuiltPrograms.runControl(arguments + socket)
        #expect(outcome.status == 2, "\(arguments) ended with \(outcome.status)")
        #expect(!outcome.errors.isEmpty && outcome.output.isEmpty, "\(arguments)")
      }
      let absent = try BuiltPrograms.runControl(["status", "--control", "/nonexistent/c.sock"])
      #expect(absent.status == 3)
      #expect(String(decoding: absent.errors, as: UTF8.self).contains("/nonexistent/c.sock"))
      #expect(try BuiltPrograms.runControl(["--help"]).status == 0)
      // People read tables, in their language.
      let people = try Program(
        BuiltPrograms.control, socket + ["status"], environment: ["LC_ALL": "zh_CN.UTF-8"]
      ).run()
      #expect(people.status == 0)
      #expect(people.text.contains("青秀区") && people.text.contains("下级"), "\(people.text)")
    }

    /// Runs a verb with `--json` at the county, with the socket named before the verb, and parses what it prints.
    private func ask(_ tree: RealTree, _ arguments: [String]) throws -> JSON {
      let socket = ["--control", tree.lab.control(of: tree.county.node)]
      let outcome = try BuiltPrograms.runControl(socket + arguments + ["--json"])
      try #require(outcome.status == 0, "\(arguments): \(outcome.detail)")
      #expect(outcome.errors == [], "\(outcome.detail)")
      return try JSON(parsing: outcome.text)
    }

    private func missing(_ names: [String], in document: JSON) -> [String] {
      names.filter { document[$0] == nil }
    }
  }
}
