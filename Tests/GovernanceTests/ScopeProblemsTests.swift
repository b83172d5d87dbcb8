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
          mask: {name: partal}
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
    for name in ["village", "person", "own", "name", "partial", "maintain", "authorities"] {
      #expect(hints.contains("did you mean \"\(name)\"?"), "\(name)")
    }
    #expect(found.filter { $0.rule == "one" }.map(\.line) == [5, 6])
  }

  @Test(
    "What one rule says against itself is told with its line",
    arguments: [
      ("read: [phone]|mask: {phone: partial}|unmask: [phone]", 3, "is masked and unmasked"),
      ("maintain: [phone]|mask: {phone: partial}", 2, "is maintained and masked"),
      (
        "read: [tel]|mask: {tel: suppress, phone: partial}", 2,
        "is masked by suppress and by partial"
      ),
      ("read: [phone]|mask: {phone: year}", 2, "is of type phone and cannot be masked by year"),
      ("read: [aid]|mask: {aid: {range: 0}}", 2, "must be a whole number from 1"),
      ("read: [name]|mask: {phone: partial}", 2, "is masked and not read"),
      ("read: [name]|mask: {home: suppress}", 2, "records are routed by it"),
      ("read: [name]|unmask: [phone]", 2, "is unmasked and not read"),
      ("maintain: [name]|create: true", 2, "must maintain their home"),
      ("maintain: [home]|create: true|by: residence", 3, "must hold by home"),
      ("read: [name]|by: name", 2, "unknown home column"),
      ("read: [name]|create: yes", 2, "must be true or false"),
      ("mask: {name: partial}", 0, "a rule needs"),
    ])
  func contradictions(_ body: String, line: Int, message: String) throws {
    let lines = body.split(separator: "|").map { "    " + $0 }
    let found = try problems(
      """
      epoch: 1
      region: 450000000000
      groups: {person: {tel: [phone]}}
      rules:
        - rule: one
          who: village
          ledger: person
          homes: own

      """ + lines.joined(separator: "\n"))
    let problem = try #require(found.first { $0.message.contains(message) }, "\(found)")
    #expect(problem.line == (line == 0 ? 5 : 8 + line))
    #expect(problem.rule == "one")
  }

  @Test("Gates and the end of older epochs are read, and mistakes in them told")
  func heads() throws {
    let catalog = try Samples.plainCatalog()
    let head = "epoch: 2\nregion: 450000000000\nrules: []\n"
    let text = head + "gates: {person: {loop: outer, days: 365}}\nolder_until: 2026-12-31\n"
    let policy = try CompiledPolicy(Array(text.utf8), catalog: catalog)
    let county = try Samples.node("450103000000")
    let city = try Samples.node("450100000000")
    let person = LedgerID(1)
    #expect(policy.isGated(from: county, to: city, in: person))
    #expect(!policy.isGated(from: try Samples.node("450103001000"), to: county, in: person))
    #expect(policy.verificationDays(of: person) == 365)
    // The end of that day in China.
    #expect(policy.olderUntil == 1_798_732_800_000_000)
    let moment = head + "older_until: 2027-01-01T00:00:00+08:00\n"
    #expect(
      try CompiledPolicy(Array(moment.utf8), catalog: catalog).olderUntil == policy.olderUntil)
    let wrong = head + "gates: {persn: {loop: outer}, person: {loop: middle}}\nolder_until: soon\n"
    #expect(try problems(wrong).map(\.line) == [4, 4, 5])
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
      let policy = try CompiledPolicy(Array(text.utf8), catalog: catalog).asOf(CalendarDay(day))
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
