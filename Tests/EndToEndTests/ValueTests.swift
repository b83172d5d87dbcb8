import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Values {
    @Test
    func `rare characters, an empty text and a long remark arrive unchanged, with their actor`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(501, at: tree.village)
      // Extension B and C, the private use area as old name systems use it, planes 15 and 16, a joined emoji.
      let name = "𠮷𬱖\u{E863}\u{F8FF}\u{F0000}\u{10FFFD}👩‍👧"
      let remark = String(repeating: "备注𠀀\\'\"\t\u{1}x", count: 1_300)
      let escaped = remark.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "''")
      try tree.database(tree.village).run(
        "SET huijia.actor = '网格员·𠮷\u{E863}';\n" + person.insert(phone: "13800138050", name: name)
          + person.update("address = '', remark = '\(escaped)'"))
      try await tree.settle()
      let inner = [tree.village, tree.town, tree.county]
      let asked =
        "SELECT encode(convert_to(name, 'UTF8'), 'hex') || ' ' || (address = '') || ' ' || "
        + "encode(convert_to(remark, 'UTF8'), 'hex') FROM ledger.resident WHERE person_id = "
        + "'\(person.key)'"
      let wanted = "\(hexadecimal(name)) true \(hexadecimal(remark))"
      for (node, answer) in zip(inner, try tree.answers(inner, asked)) {
        #expect(answer == wanted, "\(node.node) has other bytes")
      }
      #expect(try tree.answers([tree.region], person.select("name")) == [name])

      let trace = try await tree.lab.daemon(of: tree.county.node).call(
        "trace", ["ledger": "resident", "key": .string(person.key), "field": "name"])
      let entry = try #require(trace.elements.first)
      #expect(entry["author"]?.text == "网格员·𠮷\u{E863}")
      #expect(entry["value"]?.text == name)
      #expect(entry["signature"]?.text == "valid")
      #expect(entry["node"]?.text == "\(tree.village.node)")
    }

    @Test func `PostgreSQL refuses a null byte, and nothing of that write is captured`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(502, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13800138051"))
      try await tree.settle()
      let before = try await tree.status(tree.village)["feed_head"]
      for text in ["E'a\\000b'", "'a' || chr(0)", "convert_from('\\x6100', 'UTF8')"] {
        let refusal = try tree.database(tree.village).refusal(
          of: person.update("remark = \(text)"))
        #expect(refusal != nil, "\(text) was taken")
      }
      try await tree.settle()
      #expect(try await tree.status(tree.village)["feed_head"] == before)
      #expect(try tree.answers([tree.town], person.select("remark")) == ["-"])
    }

    private func hexadecimal(_ text: String) -> String {
      text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  @Suite struct Locks {
    @Test
    func `one row that an application holds delays nobody else, and arrives after it is let go`()
      async throws
    {
      let tree = try RealTree.running()
      let (held, free) = (Person(511, at: tree.village), Person(512, at: tree.village))
      for person in [held, free] {
        try tree.database(tree.village).run(person.insert(phone: "13800138060"))
      }
      try await tree.settle()
      let application = try RunningProgram(try tree.database(tree.town).program)
      defer { _ = application.finish() }
      let lock =
        "BEGIN;\nSELECT 1 FROM ledger.resident WHERE person_id = '\(held.key)' FOR UPDATE;\n"
      try #require(application.ask(Array(lock.utf8), lines: 2))

      try tree.database(tree.village).run(held.update("phone = '13900139061'"))
      try tree.database(tree.village).run(free.update("phone = '13900139062'"))
      _ = try tree.database(tree.county).wait(
        until: free.exists("phone = '13900139062'"), seconds: 15
      ).finish()
      let isParked = try await tree.becomesTrue(within: 10) {
        try await tree.count("parked", at: tree.town) >= 1
      }
      #expect(isParked, "the town does not say that a change waits")
      #expect(
        try tree.answers([tree.town, tree.county], held.select("phone"))
          == ["13800138060", "13800138060"])
      // What follows for the same record waits behind it, in order.
      try tree.database(tree.village).run(held.update("phone = '13900139063'"))
      try tree.database(tree.village).run(held.update("remark = '后来'"))

      try #require(application.ask(Array("COMMIT;\n".utf8), lines: 1))
      _ = try tree.database(tree.county).wait(
        until: held.exists("phone = '13900139063' AND remark = '后来'"), seconds: 15
      ).finish()
      try await tree.settle()
      #expect(try await tree.count("parked", at: tree.town) == 0)
      #expect(try await tree.count("conflicts_open", at: tree.town) == 0)
    }
  }
}
