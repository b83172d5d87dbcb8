import Governance
import ReplicationCore
import Testing

@Suite("Who may write")
struct MaintainTests {
  private let policy: CompiledPolicy
  private let resident: Ledger
  private let village: NodeID
  private let here: Routing
  private let elsewhere: Routing

  init() throws {
    policy = try Samples.policy()
    resident = try #require(policy.catalog.ledger(named: "resident"))
    village = try Samples.node("450103001005")
    here = .homes([Home(try Samples.code("450103001005"))])
    elsewhere = .homes([Home(try Samples.code("450102002001"))])
  }

  private func set(_ names: String...) throws -> FieldSet {
    FieldSet(try names.map { try #require(resident.field(named: $0)).id })
  }

  private func refusal(
    _ node: String, _ act: Act, _ before: Routing, _ after: Routing
  ) throws -> String? {
    policy.violation(
      by: try Samples.node(node), in: resident.id, act: act, before: before, after: after)
  }

  private func refusal(
    _ node: String, _ fields: FieldSet, _ before: Routing, _ after: Routing
  ) throws -> String? {
    try refusal(node, Act(written: fields), before, after)
  }

  @Test("A village writes its own residents")
  func own() throws {
    let fields = try set("name", "phone", "status")
    #expect(try refusal("450103001005", fields, here, here) == nil)
    #expect(try refusal("450103001006", fields, here, here) != nil)
    #expect(try refusal("450103001000", fields, here, here) == nil)
    #expect(try refusal("450103000000", fields, here, here) == nil)
    #expect(try refusal("450100000000", fields, here, here) != nil)
    #expect(try refusal("450000000000", fields, here, here) != nil)
  }

  @Test("A refusal names field, ledger, who maintains it, rule and line")
  func named() throws {
    let text = try #require(try refusal("450103001005", set("subsidy"), here, here))
    #expect(text.contains("field subsidy of ledger resident is maintained by"))
    #expect(text.contains("county department civil-affairs"))
    #expect(text.contains("rule civil-affairs-decides-subsidies, line "))
    #expect(try refusal("450103000000/civil-affairs", set("subsidy"), here, here) == nil)
    #expect(try refusal("450102000000/civil-affairs", set("subsidy"), here, here) != nil)
  }

  @Test("A record is created only with a home of one's own, wherever its residence lies")
  func creation() throws {
    let fields = Act(written: try set("home", "residence", "name"), creates: true)
    let inside = try Samples.code("450103001005")
    let outside = try Samples.code("450102002001")
    for before in [Routing.neverKnown, .notHeld] {
      #expect(try refusal("450103001005", fields, before, here) == nil)
      #expect(
        try refusal("450103001005", fields, before, .homes(.inOrder([inside, outside]))) == nil)
      let foreign = try refusal(
        "450103001005", fields, before, .homes(.inOrder([outside, inside])))
      #expect(foreign?.contains("only with a home of its own scope") == true)
      let stranger = try refusal("450103000000/civil-affairs", fields, before, here)
      #expect(stranger?.contains("may not create") == true)
      #expect(try refusal("450103001005", fields, before, .notHeld) != nil)
    }
  }

  @Test(
    "Who maintains home may move a record anywhere, delete it and create it; a department may not")
  func moveAndDelete() throws {
    #expect(try refusal("450103001005", set("home"), here, elsewhere) == nil)
    #expect(try refusal("450103001005", set("home"), elsewhere, here) != nil)
    #expect(try refusal("450103001005", Act(deletes: true), here, here) == nil)
    #expect(try refusal("450103001005", Act(creates: true), here, here) == nil)
    for act in [Act(deletes: true), Act(creates: true)] {
      let department = try refusal("450103000000/civil-affairs", act, here, here)
      #expect(department?.contains("in ledger resident is for village (rule ") == true)
    }
    #expect(try refusal("450103000000/civil-affairs", set("home"), here, elsewhere) != nil)
  }

  @Test("Verifying, resolving, creating and deleting are each a right of their own")
  func verbs() throws {
    let policy = try Samples.policy(
      rules: """
          - rule: town
            who: town
            ledger: person
            homes: own
            read: all
            verify: [name]
            resolve: [phone]
          - rule: village
            who: {node: 450103001005}
            ledger: person
            homes: own
            maintain: [home, name, phone]
        """)
    func refusal(_ node: String, _ act: Act) throws -> String? {
      policy.violation(
        by: try Samples.node(node), in: LedgerID(1), act: act, before: here, after: here)
    }
    let name: FieldSet = [FieldID(4)]
    let phone: FieldSet = [FieldID(5)]
    #expect(try refusal("450103001000", Act(verified: name)) == nil)
    let unverified = try refusal("450103001000", Act(verified: phone))
    #expect(unverified?.contains("field phone of ledger person is verified by nobody") == true)
    #expect(try refusal("450103001005", Act(verified: name)) != nil)
    #expect(try refusal("450103001000", Act(written: phone)) != nil)
    #expect(try refusal("450103001000", Act(written: phone, resolved: phone)) == nil)
    #expect(try refusal("450103001000", Act(written: name, resolved: name)) != nil)
    #expect(try refusal("450103001005", Act(written: phone, resolved: phone)) == nil)
    #expect(try refusal("450103001005", Act(deletes: true))?.contains("for nobody") == true)
    #expect(try refusal("450103001006", Act(written: name)) != nil)
  }

  @Test("A ledger that is none is refused")
  func others() throws {
    let none = policy.violation(
      by: village, in: LedgerID(77), act: Act(), before: here, after: here)
    #expect(none != nil)
  }

  @Test("The database is told the same: what to allow for which homes, and whom to name")
  func localScope() throws {
    let scope = policy.localScope(of: village, in: resident.id)
    let grant = try #require(scope.grants.first)
    #expect(scope.grants.count == 1)
    #expect(grant.homes.contains(try Samples.code("450103001005")))
    #expect(!grant.homes.contains(try Samples.code("450103001006")))
    #expect(grant.creates && grant.deletes)
    #expect(grant.rule == "village-keeps-residents")
    #expect(grant.maintain.isDisjoint(with: try set("subsidy")))
    #expect(grant.maintain.isSuperset(of: try set("home", "name", "id_number")))
    let subsidy = try #require(resident.field(named: "subsidy")).id
    let maintainer = try #require(scope.maintainers.first { $0.field == subsidy })
    #expect(maintainer.text.hasPrefix("county department civil-affairs (rule "))
    let region = policy.localScope(of: try Samples.node("450000000000"), in: resident.id)
    #expect(region.grants.isEmpty)
  }
}
