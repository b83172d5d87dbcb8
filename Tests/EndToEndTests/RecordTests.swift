import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Records {
    @Test
    func `a new record reaches the region in the fields it may see, and a subsidy comes home`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(101, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138000"))
      try await tree.settle()
      #expect(
        try tree.answers(tree.line, person.select("name", "address", "phone")) == [
          "韦美兰 民族大道38号 13800138000", "韦美兰 民族大道38号 13800138000",
          "韦美兰 民族大道38号 13800138000", "韦美兰 民族大道38号 13800138000",
          "韦美兰 民族大道38号 -", "韦美兰 - -",
        ])
      // A village holds its own homes: the one beside it never hears of this person.
      #expect(try tree.rows(tree.neighbour, person.exists()) == [])

      try tree.database(tree.department).run(person.update("subsidy = '1', status = '2'"))
      try await tree.settle()
      let decided = try tree.answers(tree.line, person.select("subsidy", "status"))
      #expect(decided == Array(repeating: "1 2", count: 6))
      #expect(try tree.refusals(at: tree.county) == "")
    }

    @Test
    func `a refused write says code, field, record and what to do, and nothing of our statements`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(102, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138001"))
      let elsewhere = Person(103, at: tree.neighbour)
      let refusals: [(String, [String])] = [
        (person.update("subsidy = '3'"), ["HJ001", "\"subsidy\"", person.key, "civil-affairs"]),
        (elsewhere.insert(phone: "13800138002"), ["HJ001", elsewhere.key, "outside the scope"]),
        (
          person.update("id_number = '450103196203080021'"), ["HJ002", "\"id_number\"", person.key]
        ),
        (person.update("home = '99'"), ["HJ002", "\"home\"", person.key]),
        ("TRUNCATE ledger.resident", ["HJ003", "TRUNCATE", "DELETE"]),
        (
          person.update("person_id = '0190a0b0-0000-7000-8000-00000000ffff'"),
          ["HJ003", "key", "delete the record"]
        ),
      ]
      for (sql, wanted) in refusals {
        let text = try wholeError(of: sql, at: tree.village, in: tree)
        for word in wanted { #expect(text.contains(word), "\(sql) said: \(text)") }
        #expect(text.contains("HINT"), "\(text)")
        #expect(!text.contains("INSERT INTO huijia"), "\(text)")
        // The value that was refused may be a person's.
        #expect(!text.contains("450103196203080021"), "\(text)")
      }
      #expect(
        try tree.answers([tree.village], person.select("subsidy", "id_number", "home")) == [
          "- - 450103001005"
        ])
    }

    /// All that a plain `psql` prints, not only the first line.
    private func wholeError(
      of sql: String, at node: LabPlan.Node, in tree: RealTree
    ) throws -> String {
      var psql = try tree.database(node).program
      psql.arguments = psql.arguments.map { $0 == "VERBOSITY=terse" ? "VERBOSITY=default" : $0 }
      let outcome = try psql.run(input: Array(sql.utf8))
      #expect(outcome.status != 0, "not refused: \(sql)")
      return String(decoding: outcome.errors, as: UTF8.self)
    }

    @Test
    func `a deleted person registered again is alive everywhere, with what others decided kept`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(104, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138004"))
      try await tree.settle()
      try tree.database(tree.department).run(person.update("subsidy = '2'"))
      try await tree.settle()

      try tree.database(tree.town).run(person.delete)
      try await tree.settle()
      for node in tree.line { #expect(try tree.rows(node, person.exists()) == [], "\(node.node)") }

      try tree.database(tree.village).run(
        """
        INSERT INTO ledger.resident (person_id, home, residence, name, sex, birth_date, address)
        VALUES ('\(person.key)', '\(tree.village.node.code)', '\(tree.village.node.code)', '韦美莲',
          '2', '1962-03-08', '新竹路7号')
        """)
      try await tree.settle()
      #expect(
        try tree.answers(tree.line, person.select("name", "address", "phone", "subsidy")) == [
          "韦美莲 新竹路7号 - 2", "韦美莲 新竹路7号 - 2", "韦美莲 新竹路7号 - 2",
          "韦美莲 新竹路7号 - 2", "韦美莲 新竹路7号 - 2", "韦美莲 - - 2",
        ])
      for node in tree.line {
        #expect(try tree.refusals(at: node) == "")
        #expect(try await tree.count("conflicts_open", at: node) == 0, "\(node.node)")
      }
    }
  }
}
