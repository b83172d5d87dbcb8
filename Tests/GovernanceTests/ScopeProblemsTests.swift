import Governance
import ReplicationCore
import Testing

@Suite("A policy with mistakes")
struct ScopeProblemsTests {
  private func problems(_ text: String) throws -> [Problem] {
    let catalog = try Samples.plainCatalog()
    do {
      _ = try ScopeDocument(Array(text.utf8), catalog: catalog)
      return []
    } catch { return error.list }
  }

  @Test("All mistakes are told at once, with their lines and the nearest known names")
  func many() throws {
    let found = try problems(
      """
      epoch: 0
      region: 450100000000
      rules:
        - rule: one
          who: vilage
          ledger: persn
          homes: own
          read: [name]
        - rule: two
          who: village
          ledger: person
          homes: owm
          read: [nmae, person_id]
          mask: x
        - rule: two
          who: {tier: town, department: a}
          ledger: person
          homes: [4501]
          maintian: all
          until: 2030-02-30
      autorities: {}
      """)
    #expect(found.map(\.line) == [1, 2, 5, 6, 12, 13, 13, 14, 15, 16, 18, 19, 20, 21])
    let hints = found.compactMap(\.hint)
    for name in ["village", "person", "own", "name", "maintain", "authorities"] {
      #expect(hints.contains("did you mean \"\(name)\"?"), "\(name)")
    }
    #expect(found.contains { $0.message == "\"mask\" is not supported yet" })
  }

  @Test(
    "What this version does not carry out is refused, never skipped",
    arguments: ["create", "delete", "verify", "resolve", "mask", "grantable"])
  func later(_ verb: String) throws {
    let found = try problems(
      """
      epoch: 1
      region: 450000000000
      rules:
        - rule: one
          who: village
          ledger: person
          homes: own
          read: [name]
          \(verb): all
      """)
    #expect(found.map(\.line) == [9])
    #expect(found.first?.message.contains("not supported yet") == true)
  }

  @Test("Two rules of one name are told")
  func sameName() throws {
    let rule = """
        - rule: one
          who: village
          ledger: person
          homes: own
          read: [name]

      """
    let found = try problems("epoch: 1\nregion: 450000000000\nrules:\n" + rule + rule)
    #expect(found.count == 1)
  }

  @Test("A rule past its last day gives nothing")
  func until() throws {
    let text = """
      epoch: 1
      region: 450000000000
      rules:
        - rule: one
          who: village
          ledger: person
          homes: own
          maintain: [name]
          basis: a law
          until: 2030-12-31
      """
    let catalog = try Samples.plainCatalog()
    let node = try Samples.node("450103001005")
    for (day, holds) in [("2030-12-31", true), ("2031-01-01", false)] {
      let policy = try CompiledPolicy(
        Array(text.utf8), catalog: catalog, asOf: CalendarDay(day))
      #expect(policy.fields(of: node, in: LedgerID(1)).isEmpty != holds)
    }
    let rule = try #require(
      try ScopeDocument(Array(text.utf8), catalog: catalog).rules.first)
    #expect(rule.basis == "a law")
  }

  @Test("Bytes that are no text are refused")
  func noText() throws {
    let catalog = try Samples.plainCatalog()
    #expect(throws: Problems.self) { try ScopeDocument([0xFF, 0xFE, 0x00], catalog: catalog) }
  }
}
