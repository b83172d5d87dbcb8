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
    _ node: String, _ fields: FieldSet, _ before: Routing, _ after: Routing
  ) throws -> String? {
    let isNew = before.codes.isEmpty
    let act = Act(
      written: fields, verified: fields.contains(.verified) ? resident.fieldSet : [],
      creates: fields.contains(.alive) && isNew, deletes: fields.contains(.alive) && !isNew)
    return policy.violation(
      by: try Samples.node(node), in: resident.id, act: act, before: before, after: after)
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
    let fields = try set("home", "residence", "name").union([.alive])
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
    #expect(try refusal("450103001005", [.alive], here, here) == nil)
    let department = try refusal("450103000000/civil-affairs", [.alive], here, here)
    #expect(department?.contains("may not create or delete") == true)
    #expect(try refusal("450103000000/civil-affairs", set("home"), here, elsewhere) != nil)
  }

  @Test("Nobody verifies yet, and a ledger that is none is refused")
  func others() throws {
    #expect(try refusal("450103001005", [.verified], here, here) != nil)
    let none = policy.violation(
      by: village, in: LedgerID(77), act: Act(), before: here, after: here)
    #expect(none != nil)
  }

  @Test("The database is told the same: what to allow for which homes, and whom to name")
  func localScope() throws {
    let scope = policy.localScope(of: village, in: resident.id)
    let grant = try #require(scope.grants.first)
    #expect(scope.grants.count == 1)
    #expect(grant.home?.description == "450103001005")
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
