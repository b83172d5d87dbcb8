import Governance
import ReplicationCore
import Testing

@Suite("Masks of a policy")
struct MaskTests {
  private let person = LedgerID(1)
  private let name = FieldID(4)
  private let phone = FieldID(5)
  private let aid = FieldID(6)

  private func masks(_ policy: CompiledPolicy, _ node: String, _ homes: String...) throws
    -> [String]
  {
    let codes = [Home].inOrder(try homes.map { try Samples.code($0) })
    let masks = policy.masks(of: try Samples.node(node), in: person, homes: codes)
    return masks.entries.map { "\($0.field.number) \($0.mask.words)" }
  }

  @Test("The strictest mask of the rules that give a field counts, unless one of them takes it off")
  func strictest() throws {
    let policy = try Samples.policy(
      rules: """
          - rule: wide
            who: {subtree: 450000000000}
            ledger: person
            homes: all
            read: all
            mask: {name: partial, phone: suppress, aid: {range: 100}}
          - rule: narrow
            who: county
            ledger: person
            homes: own
            read: [name, phone, aid]
            mask: {name: pseudonym, aid: {range: 10}}
          - rule: open
            who: county
            ledger: person
            homes: [450103001000]
            read: [phone]
            unmask: [phone]
        """)
    #expect(
      try masks(policy, "450102000000", "450103002001") == [
        "4 partial", "5 suppress", "6 range 100",
      ])
    #expect(
      try masks(policy, "450103000000", "450103002001")
        == ["4 pseudonym", "5 suppress", "6 range 100"])
    #expect(try masks(policy, "450103000000", "450103001005") == ["4 pseudonym", "6 range 100"])
    // Upwards, homes do not count.
    let upwards = policy.masks(of: try Samples.node("450103000000"), in: person)
    #expect(upwards[phone] == .suppressed && upwards[name] == .pseudonym)
    // Two homes: what either takes off is off.
    #expect(
      try masks(policy, "450103000000", "450102001001", "450103001005")
        == ["4 pseudonym", "6 range 100"])
    #expect(try masks(policy, "450103000000/police", "450103001005").first == "4 partial")
  }

  @Test("A rule by one home column says nothing of the other; own-code nothing of what lies below")
  func columns() throws {
    let policy = try Samples.policy(
      rules: """
          - rule: living
            who: village
            ledger: person
            homes: own
            by: residence
            read: [phone]
            mask: {phone: partial}
          - rule: registered
            who: village
            ledger: person
            homes: own
            by: home
            read: [name]
          - rule: seat
            who: county
            ledger: person
            homes: own-code
            read: [aid]
          - rule: relays
            who: [village, town, county, city]
            ledger: person
            homes: all
            by: [home, residence]
            read: [home]
        """)
    let node = try Samples.node("450103001005")
    let here = try Samples.code("450103001005")
    let there = try Samples.code("450103001006")
    #expect(policy.fields(of: node, in: person, homes: .inOrder([here, there])).contains(name))
    #expect(!policy.fields(of: node, in: person, homes: .inOrder([here, there])).contains(phone))
    #expect(policy.fields(of: node, in: person, homes: .inOrder([there, here])).contains(phone))
    #expect(try masks(policy, "450103001005", "450103001006", "450103001005") == ["5 partial"])
    // Where nodes cannot mask, such a field is for nobody whom any rule shows it masked.
    let held = WithheldMasks(policy).fields(of: node, in: person, homes: .inOrder([there, here]))
    #expect(!held.contains(phone) && !held.isEmpty)
    #expect(!WithheldMasks(policy).fields(of: node, in: person).contains(phone))
    let ended = try Samples.policy(
      rules: """
          - rule: all
            who: county
            ledger: person
            homes: own
            read: [name]
        older_until: 2026-12-31
        """)
    let applied: any AuthorityPolicy = WithheldMasks(ended)
    #expect(applied.olderUntil != nil && applied.olderUntil == ended.olderUntil)
    let county = try Samples.node("450103000000")
    #expect(policy.fields(of: county, in: person, homes: [Home(county.code)]).contains(aid))
    #expect(!policy.fields(of: county, in: person, homes: [Home(here)]).contains(aid))
  }
}
