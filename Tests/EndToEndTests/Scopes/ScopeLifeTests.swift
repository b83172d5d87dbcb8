import DaemonKit
import LabKit
import ReplicationCore
import Testing

/// Policies put in force while the tree runs. Its own tree: the other suite lives by one policy.
@Suite(.serialized, .realTree, .timeLimit(.minutes(5)))
struct ScopeLife {
  @Test func `a policy is applied at the region only, goes down at once, and outlives a restart`()
    async throws
  {
    let tree = try RealTree.running()
    let policy = try PolicyFile.departmentReads("identity, address", epoch: 2)
    let refused = try tree.apply(policy, at: tree.county)
    #expect(refused.status == 4)
    #expect(try tree.apply(PolicyFile(epoch: 1), at: tree.region).status == 2)
    var broken = policy
    try broken.change("read: [identity, address]", to: "read: [identty, address]")
    #expect(try tree.apply(broken, at: tree.region).status == 2)

    let applied = try tree.apply(policy, at: tree.region)
    #expect(applied.status == 0, "\(applied)")
    #expect(try await tree.becomesTrue(within: 2) { try await tree.allAdopted(2) })
    #expect(try tree.apply(policy, at: tree.region).status == 2)

    try await tree.story {
      tree.lab.stop(tree.region.node)
      tree.lab.stop(tree.town.node)
    }
    #expect(try await tree.allAdopted(2))
    #expect(try await tree.alarms(at: tree.region) == ["document_file_outdated"])
    #expect(try await tree.alarms(at: tree.town) == [])
  }

  @Test func `what a policy takes away is in no dump of the former holder`() async throws {
    let tree = try RealTree.running()
    let epoch = Int(try await tree.count("policy_epoch", at: tree.region))
    let canaries = ["甲q7Zk2xV9tB4w", "乙m3Rj8yN6cL1p", "丙h5Gd0uS7fX2e"]
    let persons = (2101...2103).map { Person($0, at: tree.village) }
    let all = try PolicyFile.departmentReads("identity, address, phone, remark", epoch: epoch + 1)
    #expect(try tree.apply(all, at: tree.region).status == 0)
    for (person, canary) in zip(persons, canaries) {
      try tree.database(tree.village).run(person.insert(phone: "13821210001"))
      try tree.database(tree.village).run(person.update("remark = '\(canary)'"))
    }
    try await tree.settle()
    let before = try tree.tables(of: tree.department, holding: canaries)
    #expect(before == ["ledger.resident", "huijia.batch"])

    let less = try PolicyFile.departmentReads("identity, address, phone", epoch: epoch + 2)
    #expect(try tree.apply(less, at: tree.region).status == 0)
    try await tree.settle()
    let after = try tree.tables(of: tree.department, holding: canaries)
    #expect(after == [], "\(after)")
    #expect(try tree.tables(of: tree.department, holding: persons.map(\.key)) != [])
    let shown = try tree.answers([tree.town, tree.department], persons[0].select("remark"))
    #expect(shown == [canaries[0], "-"])
  }

  @Test func `a rule ends by itself after its last day, and what it gave is taken back`()
    async throws
  {
    let tree = try RealTree.running()
    let epoch = Int(try await tree.count("policy_epoch", at: tree.region))
    let person = Person(2201, at: tree.village)
    var ending = try PolicyFile(epoch: epoch + 1)
    try ending.change(
      "  - rule: inner-loop-keeps-the-rest\n",
      to: """
          - rule: survey
            who: {department: civil-affairs, of: county}
            ledger: resident
            homes: own
            read: [remark]
            purpose: 抽样调查
            until: 2020-12-31

          - rule: inner-loop-keeps-the-rest

        """)
    try tree.database(tree.village).run(person.insert(phone: "13821210001"))
    try tree.database(tree.village).run(person.update("remark = 'until'"))
    #expect(try tree.apply(ending, at: tree.region).status == 0)
    #expect(
      try await tree.becomesTrue(within: 20) { try await tree.allAdopted(Int64(epoch + 2)) })
    try await tree.settle()
    #expect(
      try tree.answers([tree.town, tree.department], person.select("remark")) == ["until", "-"])
    #expect(try await tree.alarms(at: tree.region).contains("rules_outlived") == false)
  }

  @Test func `what a plan foretells is what the policy brings when it is applied`() async throws {
    let tree = try RealTree.running()
    let epoch = Int(try await tree.count("policy_epoch", at: tree.region))
    let base = try PolicyFile.departmentReads("identity, address", epoch: epoch + 1)
    #expect(try tree.apply(base, at: tree.region).status == 0)
    for number in 2401...2405 {
      let person = Person(number, at: tree.village)
      try tree.database(tree.village).run(person.insert(phone: "1382121\(number)"))
      if number > 2403 { try tree.database(tree.village).run(person.update("remark = '独居'")) }
    }
    try await tree.settle()

    // The department gains and loses; the city gains, and hands on to the region what it does not hold yet.
    var next = try PolicyFile.departmentReads("identity, phone, remark", epoch: epoch + 2)
    try next.change("read: [statistics, address]", to: "read: [statistics, phone]")
    try next.change("read: [statistics]", to: "read: [statistics, phone]")
    #expect(try tree.plan(next, at: tree.county).status == 4)
    let outcome = try tree.plan(next, at: tree.region)
    #expect(outcome.status == 0, "\(outcome)")
    let plan = try JSON(parsing: outcome.text)
    #expect(plan["complete"]?.bool == true && plan["answered"]?.integer == 7)
    #expect(plan["not_answered"]?.elements.isEmpty == true)

    let columns = ["phone", "remark", "address", "name"]
    let before = try tree.line.map { try tree.residents($0, columns) }
    #expect(try tree.apply(next, at: tree.region).status == 0)
    try await tree.settle()
    for (node, before) in zip(tree.line, before) {
      let after = try tree.residents(node, columns)
      let told = planned(plan, for: node, columns)
      #expect(zip(after, before).map { $0 - $1 } == told, "\(node.node)")
    }
    let department = planned(plan, for: tree.department, columns)
    #expect(department[1] > 0 && department[2] > 0 && department[3] < 0, "\(department)")
    #expect(planned(plan, for: tree.region, columns)[1] > 0)
  }

  @Test func `who is out of reach is named in a plan, with the nodes below it`() async throws {
    let tree = try RealTree.running()
    let epoch = Int(try await tree.count("policy_epoch", at: tree.region))
    try tree.database(tree.village).run(Person(2501, at: tree.village).insert(phone: "13821212301"))
    try await tree.settle()
    let next = try PolicyFile.departmentReads("identity", epoch: epoch + 1)
    try await tree.story {
      tree.lab.stop(tree.town.node)
      let plan = try JSON(parsing: try tree.plan(next, at: tree.region).text)
      #expect(plan["complete"]?.bool == false && plan["answered"]?.integer == 4)
      let silent = plan["not_answered"]?.elements ?? []
      let town = silent.first { $0["node"]?.text == "\(tree.town.node)" }
      #expect(town?["reason"]?.text == "unreachable" && town?["since"]?.text != nil, "\(silent)")
      #expect(silent.contains { $0["node"]?.text == "\(tree.village.node)" }, "\(silent)")
    }
    #expect(try await tree.allAdopted(Int64(epoch)), "a plan puts nothing in force")
  }

  /// What a plan says that a node holds more: records, then values of each column.
  private func planned(_ plan: JSON, for node: LabPlan.Node, _ columns: [String]) -> [Int64] {
    var sums = [Int64](repeating: 0, count: columns.count + 1)
    for link in plan["links"]?.elements ?? [] where link["receiver"]?.text == "\(node.node)" {
      for ledger in link["ledgers"]?.elements ?? [] where ledger["ledger"]?.text == "resident" {
        sums[0] += (ledger["records_gained"]?.integer ?? 0) - (ledger["records_lost"]?.integer ?? 0)
        for field in ledger["fields"]?.elements ?? [] {
          guard let at = columns.firstIndex(of: field["field"]?.text ?? "") else { continue }
          sums[at + 1] += (field["gained"]?.integer ?? 0) - (field["lost"]?.integer ?? 0)
        }
      }
    }
    return sums
  }
}
