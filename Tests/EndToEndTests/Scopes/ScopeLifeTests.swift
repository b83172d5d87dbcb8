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
}
