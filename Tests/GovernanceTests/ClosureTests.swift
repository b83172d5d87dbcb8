import Governance
import ReplicationCore
import Testing

@Suite("Path closure")
struct ClosureTests {
  private func problems(
    _ rules: String, tiers: String = "region, city, county, town, village"
  ) -> [Problem] {
    do {
      _ = try Samples.policy(rules: rules, tiers: tiers)
      return []
    } catch { return (error as? Problems)?.list ?? [] }
  }

  private let village = """
      - rule: keep
        who: village
        ledger: person
        homes: own
        maintain: all

    """

  @Test("A town that may not read a field blocks the county, and is named with the rule's line")
  func townBlocks() throws {
    let found = problems(
      village + """
          - rule: town
            who: town
            ledger: person
            homes: own
            read: [name]
          - rule: county
            who: county
            ledger: person
            homes: own
            read: [name, phone]
        """)
    let problem = try #require(found.first)
    #expect(found.count == 1)
    #expect(problem.line == 15)
    #expect(problem.message.contains("\"county\""))
    #expect(problem.message.contains("field phone of ledger person"))
    #expect(problem.message.contains("rule keep (line 5)"))
    #expect(problem.message.contains("the town on the way may not read it"))
    #expect(problem.hint == "let the town read phone: see rule town (line 10)")
  }

  @Test("A tier that is not there cannot block")
  func missingTier() {
    let county = """
        - rule: county
          who: county
          ledger: person
          homes: own
          read: [name]
      """
    #expect(!problems(village + county).isEmpty)
    #expect(problems(village + county, tiers: "region, county, village").isEmpty)
  }

  @Test(
    "Downwards homes count: a town that reads only its own blocks a curious village"
  )
  func downwards() {
    let rules = { (homes: String) in
      village + """
          - rule: above
            who: [county, region, city]
            ledger: person
            homes: all
            read: all
          - rule: town
            who: town
            ledger: person
            homes: \(homes)
            read: all
          - rule: neighbour
            who: {tier: village, within: 450103001000}
            ledger: person
            homes: [450103002000]
            read: [name]
        """
    }
    #expect(problems(rules("own")).contains { $0.message.contains("the town on the way") })
    #expect(problems(rules("all")).isEmpty)
  }

  @Test("A department that writes for the villages needs the county and the town to read")
  func department() {
    let rules = { (fields: String) in
      """
          - rule: aid
            who: {department: civil-affairs, of: county}
            ledger: person
            homes: own
            maintain: [aid]
          - rule: county
            who: county
            ledger: person
            homes: own
            read: [aid, name]
          - rule: town
            who: town
            ledger: person
            homes: own
            read: [\(fields)]
          - rule: village
            who: village
            ledger: person
            homes: own
            read: [aid]
      """
    }
    #expect(problems(rules("aid")).isEmpty)
    let found = problems(rules("name"))
    #expect(found.count == 1)
    #expect(found.first?.message.contains("the county department civil-affairs maintains") == true)
  }

  @Test("A rule for one county cannot reach past a town that has none")
  func oneCounty() {
    let found = problems(
      village + """
          - rule: county
            who: {tier: county, within: 450103000000}
            ledger: person
            homes: own
            read: [phone]
        """)
    #expect(found.contains { $0.message.contains("town on the way") })
    #expect(found.contains { $0.hint?.contains("no rule for this ledger") == true })
  }

  @Test("The policy that ships is closed, and taking a field from the town opens it")
  func shipped() throws {
    let catalog = try Samples.catalog()
    let bytes = Array(try Samples.policyText().utf8)
    #expect(PolicyCheck.problems(bytes, catalog: catalog).isEmpty)
    let text = try Samples.policyText().replacing("who: [town, county]", with: "who: county")
    #expect(throws: Problems.self) { try CompiledPolicy(Array(text.utf8), catalog: catalog) }
  }

  private func masked(_ county: String, _ region: String) -> [Problem] {
    problems(
      village + """
          - rule: town
            who: town
            ledger: person
            homes: own
            read: [phone]
          - rule: county
            who: [city, county]
            ledger: person
            homes: own
            read: [phone]
            \(county)
          - rule: region
            who: region
            ledger: person
            homes: own
            read: [phone]
            \(region)
        """)
  }

  @Test("A relay that holds a field masked hands it on under no other mask")
  func maskedRelay() throws {
    let partial = "mask: {phone: partial}"
    #expect(masked("", "").isEmpty)
    #expect(masked("", partial).isEmpty)
    #expect(masked(partial, partial).isEmpty)
    let plain = masked(partial, "")
    #expect(plain.map(\.line) == [21])
    #expect(plain.first?.rule == "region")
    let text = try #require(plain.first)
    #expect(
      text.message.contains(
        "the county on the way holds it masked (partial) and cannot hand it on as it is"))
    #expect(text.hint == "let the county see phone as it is: see rule county (line 15)")
    let other = masked(partial, "mask: {phone: suppress}")
    #expect(other.first?.message.contains("cannot hand it on masked (suppress)") == true)
    // Each receiver's pseudonym has a key of its own.
    let pseudonym = "mask: {phone: pseudonym}"
    #expect(!masked(pseudonym, pseudonym).isEmpty)
    #expect(masked("", pseudonym).isEmpty)
  }

  @Test(
    "Of many divisions with rules alike some stand for all, and one that differs is still found")
  func manyDivisions() {
    let counties = (1...20).map { "4501\($0 < 10 ? "0" : "")\($0)000000" }
    let rules = { (towns: String) in
      counties.enumerated().map { number, code in
        """
          - rule: below-\(number)
            who: {subtree: \(code)}
            ledger: person
            homes: own
            maintain: [\(number == 17 ? towns : "home, name")]
          - rule: open-\(number)
            who: {subtree: 450000000000}
            ledger: person
            homes: [\(code)]
            read: [name]

        """
      }.joined()
    }
    #expect(problems(rules("home, name")).isEmpty)
    #expect(
      !problems(
        rules("home, name, phone") + """
            - rule: police
              who: {department: police, of: county}
              ledger: person
              homes: all
              read: [phone]
          """
      ).isEmpty)
  }

  @Test("Parents follow the tiers that there are")
  func parents() throws {
    let five = AdministrativeTree(tiers: DivisionLevel.allCases)
    #expect(five.parent(of: try Samples.node("450103001005"))?.description == "450103001000")
    #expect(five.parent(of: try Samples.node("450103001000"))?.description == "450103000000")
    #expect(five.parent(of: try Samples.node("450103000000"))?.description == "450100000000")
    #expect(
      five.parent(of: try Samples.node("450103000000/civil-affairs"))?.description
        == "450103000000")
    #expect(five.parent(of: try Samples.node("450000000000")) == nil)
    // A city without counties has its towns right below it.
    #expect(five.parent(of: try Samples.node("441900003000"))?.description == "441900000000")
    let four = AdministrativeTree(tiers: [.region, .county, .town, .village])
    #expect(four.parent(of: try Samples.node("500118000000"))?.description == "500000000000")
  }
}
