import Governance
import ReplicationCore
import Testing

@Suite("Renewing a policy whose rules have ended")
struct PolicyRenewalTests {
  private let text = """
    # 说明 a comment
    epoch: 7   # the seventh
    region: 450000000000
    rules:
      - {rule: lasting, who: village, ledger: person, homes: own, maintain: [name]}
      - {rule: census, who: village, ledger: person, homes: own, maintain: [phone], until: 2026-03-31}
      - {rule: survey, who: village, ledger: person, homes: own, maintain: [aid], until: 2026-06-30}
    """

  @Test("The next epoch is without the rules that have ended, and every rule keeps its line")
  func renewed() throws {
    let catalog = try Samples.plainCatalog()
    let first = try CompiledPolicy(Array(text.utf8), catalog: catalog)
    let may = try #require(CalendarDay("2026-05-01"))
    let bytes = try #require(PolicyRenewal.text(of: first, asOf: may))
    let second = try CompiledPolicy(bytes, catalog: catalog)
    #expect(second.epoch == 8)
    #expect(second.document.rules.map(\.name) == ["lasting", "survey"])
    #expect(second.document.rules.map(\.line) == [5, 7])
    let village = try Samples.node("450103001005")
    let names = { (policy: CompiledPolicy) in
      policy.localScope(of: village, in: LedgerID(1)).grants.map(\.rule)
    }
    #expect(names(first) == ["lasting", "census", "survey"])
    #expect(names(second) == ["lasting", "survey"])
    #expect(String(decoding: bytes, as: UTF8.self).contains("epoch: 8   # the seventh\n"))

    let july = try #require(CalendarDay("2026-07-01"))
    let third = try #require(PolicyRenewal.text(of: second, asOf: july))
    #expect(try CompiledPolicy(third, catalog: catalog).document.rules.map(\.name) == ["lasting"])
    #expect(String(decoding: third, as: UTF8.self).split(separator: "as_of").count == 2)
  }

  @Test("A text that is not changed by its lines is left to a person")
  func onOneLine() throws {
    let text =
      "{epoch: 7, region: 450000000000, rules: [{rule: census, who: village, ledger: person, homes: own, read: [name], until: 2026-03-31}]}"
    let policy = try CompiledPolicy(Array(text.utf8), catalog: Samples.plainCatalog())
    #expect(PolicyRenewal.text(of: policy, asOf: try #require(CalendarDay("2026-05-01"))) == nil)
  }

  @Test("A day in China begins eight hours before that of UTC")
  func chinaDay() throws {
    let midnight = Int64(try #require(CalendarDay("2026-12-31")).sinceEpoch) * 86_400 * 1_000_000
    let hour: Int64 = 3600 * 1_000_000
    #expect(CalendarDay(inChinaAt: midnight + 16 * hour - 1).description == "2026-12-31")
    #expect(CalendarDay(inChinaAt: midnight + 16 * hour).description == "2027-01-01")
  }
}
