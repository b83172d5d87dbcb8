import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Homecoming {
    @Test(arguments: [false, true])
    func `a village that lost its disk gets everything back and goes on writing`(
      stateToo: Bool
    ) async throws {
      let tree = try RealTree.running()
      let person = Person(stateToo ? 701 : 702, at: tree.village)
      let later = Person(stateToo ? 703 : 704, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "13877070001"))
      try await tree.settle()
      try tree.database(tree.county).run(person.update("phone = '13877070002'"))
      try await tree.settle()
      let before = try tree.answers([tree.village], fingerprint(tree))
      let incarnation = try await tree.count("incarnation", at: tree.village)
      try await tree.story {
        try tree.lab.lose(tree.village, stateToo: stateToo)
        try tree.lab.start(tree.village.node)
        let problems = try await tree.lab.waitUntilUp(tree.village, seconds: 60)
        #expect(problems.map(\.description) == [])
      }
      try await tree.settle(60)
      #expect(try tree.answers([tree.village], fingerprint(tree)) == before)
      #expect(try await tree.count("incarnation", at: tree.village) == incarnation + 1)
      try tree.database(tree.village).run(later.insert(phone: "13877070003"))
      try await tree.settle()
      let held = try tree.answers(inner(tree), later.select("phone"))
      #expect(held == Self.everywhere("13877070003"))
      for node in [tree.village, tree.town] { #expect(try tree.refusals(at: node) == "") }
    }

    @Test func `a county restored from a backup finds out, and what was written since comes back`()
      async throws
    {
      let tree = try RealTree.running()
      let (early, late, own) = (
        Person(711, at: tree.village), Person(712, at: tree.village), Person(713, at: tree.village)
      )
      try tree.database(tree.village).run(early.insert(phone: "13877110001"))
      try await tree.settle()
      let file = "\(tree.lab.directory)/county.backup"
      let incarnation = try await tree.count("incarnation", at: tree.county)
      try await tree.story {
        #expect(throws: OperatorError.self) {
          _ = try tree.lab.backUp(tree.county, to: file) { _ in }
        }
        tree.lab.stop(tree.county.node)
        let bytes = try tree.lab.backUp(tree.county, to: file) { _ in }
        #expect(bytes > 0)
      }
      try tree.database(tree.village).run(late.insert(phone: "13877110002"))
      try tree.database(tree.county).run(own.insert(phone: "13877110003"))
      try tree.database(tree.county).run(early.update("phone = '13877110004'"))
      try await tree.settle()
      try await tree.story {
        tree.lab.stop(tree.county.node)
        #expect(throws: OperatorError.self) {
          try tree.lab.restore(tree.town, from: file) { _ in }
        }
        try tree.lab.restore(tree.county, from: file) { _ in }
        try tree.lab.start(tree.county.node)
      }
      try await tree.settle(60)
      #expect(try await tree.count("incarnation", at: tree.county) == incarnation + 1)
      for (person, phone) in [
        (early, "13877110004"), (late, "13877110002"), (own, "13877110003"),
      ] {
        #expect(try tree.answers(inner(tree), person.select("phone")) == Self.everywhere(phone))
      }
      try tree.database(tree.county).run(late.update("phone = '13877110005'"))
      try await tree.settle()
      #expect(try tree.answers(inner(tree), late.select("phone")) == Self.everywhere("13877110005"))
      for node in tree.line { #expect(try tree.refusals(at: node) == "", "at \(node.name)") }
    }

    @Test func `a county cut off and rebooted goes on sealing for its villages`() async throws {
      let tree = try RealTree.running()
      let (above, below) = (Person(721, at: tree.village), Person(722, at: tree.village))
      let incarnation = try await tree.count("incarnation", at: tree.county)
      try await tree.story {
        try tree.lab.setLink(tree.county, .reset)
        try tree.lab.kill(tree.county.node)
        try tree.lab.start(tree.county.node)
        let problems = try await tree.lab.waitUntilUp(tree.county, seconds: 60)
        #expect(problems.map(\.description) == [])
        try tree.database(tree.county).run(above.insert(phone: "13877210001"))
        try tree.database(tree.village).run(below.insert(phone: "13877210002"))
        try await tree.settle()
        #expect(try tree.answers([tree.village], above.select("phone")) == ["13877210001"])
        #expect(try tree.answers([tree.county], below.select("phone")) == ["13877210002"])
        #expect(try await tree.count("unsealed", at: tree.county) == 0)
      }
      try await tree.settle()
      #expect(try await tree.count("incarnation", at: tree.county) == incarnation)
      let held = try tree.answers(inner(tree), above.select("phone"))
      #expect(held == Self.everywhere("13877210001"))
    }

    @Test func `a village whose clock is an hour fast is told, syncs, and seals with true times`()
      async throws
    {
      let tree = try RealTree.running()
      let person = Person(731, at: tree.village)
      try await tree.story {
        #expect(try tree.lab.setClock(of: tree.village, to: 3600))
        let problems = try await tree.lab.waitUntilUp(tree.village, seconds: 60)
        #expect(problems.map(\.description) == [])
        let offset = try await tree.count("clock_offset_ms", at: tree.village)
        #expect((-3_601_000 ... -3_599_000).contains(offset), "\(offset)")
        try tree.database(tree.village).run(person.insert(phone: "13877310001"))
        try await tree.settle()
        let arguments: JSON = ["ledger": "resident", "key": .string(person.key), "field": "phone"]
        let trace = try await tree.lab.daemon(of: tree.county.node)
          .call("trace", arguments, limit: .seconds(10))
        let written = try #require(trace.elements.first?["time"]?.text)
        let seconds = try tree.inside(
          tree.county, "SELECT abs(extract(epoch FROM now() - '\(written)'::timestamptz))")
        #expect(Double(seconds) ?? 9999 < 60, "sealed \(seconds) s off")
        #expect(try tree.lab.setClock(of: tree.village, to: 0))
      }
      #expect(try await tree.count("clock_offset_ms", at: tree.village) == 0)
    }

    @Test func `a homecoming that is killed half-way goes on where it was`() async throws {
      let tree = try RealTree.running()
      try RecordLoad(tree.lab, at: tree.village, ledger: "resident", rows: 4000, seed: 71).run {
        _ in
      }
      try await tree.settle(90)
      let before = try tree.answers([tree.village], fingerprint(tree))
      try await tree.story {
        try tree.lab.lose(tree.village, stateToo: false)
        try tree.lab.start(tree.village.node)
        var kept: Int64 = 0
        let isUnderWay = try await tree.becomesTrue(within: 60) {
          kept = self.reached(tree)
          return kept > 300
        }
        try #require(isUnderWay, "no catch-up was seen")
        let shown = try await self.progress(tree)
        #expect(shown?["total"]?.integer ?? 0 >= shown?["done"]?.integer ?? 1)
        try tree.lab.kill(tree.village.node)
        kept = reached(tree)
        try #require(kept > 0, "it was over before it was killed")
        try tree.lab.start(tree.village.node)
        var first: Int64?
        let isSeen = try await tree.becomesTrue(within: 60) {
          first = (try? await self.progress(tree))?["done"]?.integer
          if let done = first, done > 0 { return true }
          return (try? await tree.linkState(tree.village, with: tree.town)) == "live"
        }
        #expect(isSeen)
        if let first { #expect(first >= kept, "it began anew") }
      }
      try await tree.settle(90)
      #expect(try tree.answers([tree.village], fingerprint(tree)) == before)
    }

    /// Those who hold every field of the village's residents.
    private func inner(_ tree: RealTree) -> [LabPlan.Node] {
      [tree.village, tree.town, tree.county]
    }

    private static func everywhere(_ value: String) -> [String] {
      Array(repeating: value, count: 3)
    }

    /// How many residents a catch-up of the village has durably brought; 0 when none is under way.
    private func reached(_ tree: RealTree) -> Int64 {
      let text = try? tree.inside(
        tree.village,
        "SELECT count(*) FROM ledger.resident r, huijia.link_lane l WHERE l.lane = 0 "
          + "AND l.catch_up > 0 AND r.person_id <= l.catch_up_key::uuid")
      return text.flatMap { Int64($0) } ?? 0
    }

    /// The catch-up that the village's link shows; nil when there is none.
    private func progress(_ tree: RealTree) async throws -> JSON? {
      let link = try await tree.status(tree.village)["links"]?.elements
        .first { $0["peer"]?.text == "\(tree.town.node)" }
      return link?["catch_up"].flatMap { $0["total"]?.integer ?? 0 > 0 ? $0 : nil }
    }

    private func fingerprint(_ tree: RealTree) -> String {
      """
      SELECT count(*) || md5(string_agg(concat_ws('|', person_id, home, residence, name, sex,
        birth_date, id_number, address, phone, ethnicity, status, subsidy), ',' ORDER BY person_id))
      FROM ledger.resident
      """
    }
  }
}
