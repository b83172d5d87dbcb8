import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Gate {
    private static let key = "0190c0de-0000-7000-8000-00000000a001"

    private func shown(_ field: String) -> String {
      "SELECT coalesce(\(field)::text, '-') FROM ledger.disability WHERE record_id = '\(Self.key)'"
    }

    @Test func `the outer loop shows the last verified value beside a newer one that waits`()
      async throws
    {
      let tree = try RealTree.running()
      let home = tree.village.node.code
      try tree.database(tree.region).run(
        """
        INSERT INTO ledger.disability (record_id, home, residence, name, birth_date, category, grade)
        VALUES ('\(Self.key)', '\(home)', '\(home)', '白玉兰', '1980-05-01', '4', '2')
        """)
      try await tree.settle()
      #expect(try tree.answers(tree.line, shown("name")) == Array(repeating: "白玉兰", count: 6))
      // The village is to see only the year, and nodes cannot mask.
      #expect(
        try tree.answers([tree.village, tree.town], shown("birth_date")) == ["-", "1980-05-01"])

      let inner = [tree.department, tree.county, tree.village]
      let outer = [tree.city, tree.region]
      try write(tree, allowance: "1")
      try await tree.settle()
      #expect(try tree.answers(inner, shown("allowance")) == ["1", "1", "1"])
      #expect(try tree.answers(outer, shown("allowance")) == ["-", "-"])
      let waiting = try await waiting(tree)
      #expect(waiting?["reason"]?.text == "new")
      #expect(
        waiting?["verifiers"]?.elements.compactMap(\.text).contains("\(tree.department.node)")
          == true)

      try tree.database(tree.department).run(
        "SET huijia.actor = '李科长'; SELECT huijia.verify('disability', '\(Self.key)', ARRAY['allowance'])"
      )
      try await tree.settle()
      #expect(try tree.answers(outer, shown("allowance")) == ["1", "1"])
      #expect(try await self.waiting(tree) == nil)

      try write(tree, allowance: "2")
      try await tree.settle()
      #expect(try tree.answers(inner, shown("allowance")) == ["2", "2", "2"])
      #expect(try tree.answers(outer, shown("allowance")) == ["1", "1"])
      let verified = try await tree.lab.daemon(of: tree.department.node).call(
        "gate.verify", ["ledger": "disability", "key": .string(Self.key), "fields": ["allowance"]])
      #expect(verified["verified"]?.elements.compactMap(\.text) == ["allowance"])
      try await tree.settle()
      #expect(try tree.answers(outer, shown("allowance")) == ["2", "2"])
      for node in tree.line { #expect(try tree.refusals(at: node).isEmpty) }
    }

    @Test func `who may not verify is told so, and by whom it is done`() async throws {
      let tree = try RealTree.running()
      let key = "0190c0de-0000-7000-8000-00000000a002"
      let home = tree.village.node.code
      try tree.database(tree.region).run(
        "INSERT INTO ledger.disability (record_id, home, name) VALUES ('\(key)', '\(home)', '韦')")
      try await tree.settle()
      let refused = #expect(throws: (any Error).self) {
        try tree.database(tree.village).run("SELECT huijia.verify('disability', '\(key)')")
      }
      #expect("\(try #require(refused))".contains("HJ001"))
      let told = await #expect(throws: DaemonFailure.self) {
        try await tree.lab.daemon(of: tree.village.node).call(
          "gate.verify", ["ledger": "disability", "key": .string(key), "fields": []])
      }
      let failure = try #require(told)
      #expect(
        failure.code == Message.verificationRefused.code && failure.exitStatus == 4, "\(failure)")
    }

    private func write(_ tree: RealTree, allowance: String) throws {
      try tree.database(tree.department).run(
        "UPDATE ledger.disability SET allowance = '\(allowance)' WHERE record_id = '\(Self.key)'")
    }

    /// The allowance's place in the department's list of what waits; nil when it does not wait.
    private func waiting(_ tree: RealTree) async throws -> JSON? {
      let list = try await tree.lab.daemon(of: tree.department.node).call(
        "gate.list", ["ledger": "disability"])
      return list["values"]?.elements.first {
        $0["key"]?.text == Self.key && $0["field"]?.text == "allowance"
      }
    }
  }
}
