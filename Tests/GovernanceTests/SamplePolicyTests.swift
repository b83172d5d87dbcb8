import Governance
import ReplicationCore
import Testing

@Suite("The policy that ships")
struct SamplePolicyTests {
  private let policy: CompiledPolicy
  private let resident: Ledger

  init() throws {
    policy = try Samples.policy()
    resident = try #require(policy.catalog.ledger(named: "resident"))
  }

  private func names(_ fields: FieldSet, of ledger: Ledger) -> Set<String> {
    Set(fields.subtracting(.existence).members.map { ledger.name(of: $0) })
  }

  private func view(_ node: String, _ homes: [String]) throws -> Set<String> {
    let codes = try homes.map { try Samples.code($0) }
    let fields = policy.fields(
      of: try Samples.node(node), in: resident.id, homes: .inOrder(codes))
    if !fields.isEmpty { #expect(fields.isSuperset(of: FieldSet.existence)) }
    return names(fields, of: resident)
  }

  private let all: Set<String> = [
    "home", "residence", "name", "sex", "birth_date", "id_number", "address", "phone", "ethnicity",
    "status", "subsidy", "marital_status", "education", "household", "remark",
  ]
  private let statistics: Set<String> = [
    "home", "residence", "name", "sex", "birth_date", "ethnicity", "status", "subsidy", "education",
  ]

  @Test("A village holds its own residents whole, and no other's")
  func village() throws {
    #expect(try view("450103001005", ["450103001005"]) == all)
    #expect(try view("450103001005", ["450103001006"]).isEmpty)
    #expect(try view("450103001005", ["450103001000"]).isEmpty)
  }

  @Test("A village sees who is registered elsewhere and lives there")
  func residence() throws {
    #expect(try view("450103001005", ["450102002001", "450103001005"]) == all)
  }

  @Test("Towns and counties hold their subtrees")
  func townAndCounty() throws {
    #expect(try view("450103001000", ["450103001005"]) == all)
    #expect(try view("450103001000", ["450103002001"]).isEmpty)
    #expect(try view("450103000000", ["450103002001"]) == all)
    #expect(try view("450103000000", ["450102002001"]).isEmpty)
  }

  @Test("The civil affairs department of a county sees its fields in its county")
  func department() throws {
    let fields: Set<String> = [
      "home", "residence", "name", "sex", "birth_date", "id_number", "ethnicity", "address",
      "phone", "status", "subsidy",
    ]
    #expect(try view("450103000000/civil-affairs", ["450103001005"]) == fields)
    #expect(try view("450103000000/civil-affairs", ["450102001005"]).isEmpty)
    #expect(try view("450103000000/police", ["450103001005"]).isEmpty)
    #expect(try view("450103001000/civil-affairs", ["450103001005"]).isEmpty)
  }

  @Test(
    "City and region see fewer fields: no identity number, no telephone; the region no address"
  )
  func outerLoop() throws {
    #expect(
      try view("450100000000", ["450103001005"]) == statistics.union(["address"]))
    #expect(try view("450100000000", ["450203001005"]).isEmpty)
    #expect(try view("450000000000", ["450203001005"]) == statistics)
  }

  @Test("Another region's nodes get nothing")
  func elsewhere() throws {
    #expect(try view("500118001005", ["500118001005"]).isEmpty)
    #expect(policy.fields(of: try Samples.node("500000000000"), in: resident.id).isEmpty)
    #expect(policy.fields(of: try Samples.node("450000000000"), in: LedgerID(77)).isEmpty)
  }

  @Test("Events are urgent, everything else is bulk, nothing is gated")
  func lanes() throws {
    let event = try #require(policy.catalog.ledger(named: "event"))
    #expect(policy.lane(of: event.id) == .urgent)
    #expect(policy.lane(of: resident.id) == .bulk)
    let county = try Samples.node("450103000000")
    let city = try Samples.node("450100000000")
    #expect(!policy.isGated(from: county, to: city, in: resident.id))
    #expect(policy.routingFields(of: resident.id).map(\.number) == [2, 3])
    #expect(policy.epoch == 1)
  }

  @Test("The county's department outranks the village where both may write")
  func ranks() throws {
    let status = try #require(resident.field(named: "status")).id
    let address = try #require(resident.field(named: "address")).id
    let department = try Samples.node("450103000000/civil-affairs")
    let village = try Samples.node("450103001005")
    let town = try Samples.node("450103001000")
    #expect(policy.rank(of: department, field: status, in: resident.id) == 2)
    #expect(policy.rank(of: village, field: status, in: resident.id) == 1)
    #expect(policy.rank(of: town, field: status, in: resident.id) == 0)
    #expect(policy.rank(of: village, field: address, in: resident.id) == 2)
    #expect(policy.rank(of: town, field: address, in: resident.id) == 1)
    #expect(policy.rank(of: village, field: .alive, in: resident.id) == 0)
    #expect(policy.rank(of: village, field: status, in: LedgerID(77)) == 0)
  }

  @Test("Every field is explained with the rule's name and line")
  func explained() throws {
    let village = try Samples.node("450103001005")
    let fields = policy.explain(village, resident.id)
    #expect(fields.count == resident.fields.count)
    let subsidy = try #require(fields.first { $0.name == "subsidy" })
    #expect(subsidy.read && !subsidy.maintain)
    let text = try Samples.policyText().split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(text.firstIndex { $0.contains("rule: village-keeps-residents") }) + 1
    #expect(subsidy.rule == "village-keeps-residents (line \(line))")
    let region = policy.explain(try Samples.node("450000000000"), resident.id)
    let number = try #require(region.first { $0.name == "id_number" })
    #expect(!number.read && !number.maintain && number.rule == nil)
  }
}
