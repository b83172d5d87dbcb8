import ReplicationCore
import Testing

@Suite struct MaskShownTests {
  @Test func partsOfATextStay() {
    func partial(_ text: String) -> Value { Mask.partial.shown(of: .text(text)) }
    #expect(partial("450103198801011234") == .text("450103********1234"))
    #expect(partial("45010319880101123X") == .text("450103********123X"))
    #expect(partial("450103880101123") == .text("450103*****1123"))
    #expect(partial("13812345678") == .text("138****5678"))
    #expect(partial("0771-1234567") == .text("077*****4567"))
    #expect(partial("李小明") == .text("李*"))
    #expect(partial("欧阳") == .text("欧*"))
  }

  @Test func whatIsTooShortToHideAnythingGoesWhole() {
    #expect(Mask.partial.shown(of: .text("李")) == .null)
    #expect(Mask.partial.shown(of: .text("12345")) == .null)
    #expect(Mask.partial.shown(of: .text("")) == .null)
    #expect(Mask.partial.shown(of: .integer(5)) == .null)
    for mask: Mask in [.partial, .year, .range(step: 10), .suppressed] {
      #expect(mask.shown(of: .null) == .null)
    }
  }

  @Test func ofADateTheYearStays() {
    // 1988-02-29, 1970-01-01, 1969-12-31, 2000-12-31, 2100-03-01.
    for (days, first) in [(6633, 6574), (0, 0), (-1, -365), (11322, 10957), (47541, 47482)] {
      #expect(Mask.year.shown(of: .date(Int32(days))) == .date(Int32(first)))
      let noon = Int64(days) * 86_400_000_000 + 43_200_000_000
      #expect(Mask.year.shown(of: .timestamp(noon)) == .timestamp(Int64(first) * 86_400_000_000))
    }
    #expect(Mask.year.shown(of: .text("1988")) == .null)
  }

  @Test func aNumberFallsToItsStep() {
    let mask = Mask.range(step: 500)
    #expect(mask.shown(of: .integer(1234)) == .integer(1000))
    #expect(mask.shown(of: .integer(-1)) == .integer(-500))
    #expect(mask.shown(of: .integer(-500)) == .integer(-500))
    #expect(mask.shown(of: .decimal("1234.56")) == .decimal("1000.00"))
    #expect(mask.shown(of: .decimal("-0.01")) == .decimal("-500.00"))
    #expect(mask.shown(of: .decimal("7")) == .decimal("0"))
    #expect(mask.shown(of: .integer(.min)) == .null)
  }

  @Test func oneMaskGoesOverAnotherOnlyWhereItCan() {
    #expect(Mask.suppressed.canFollow(.partial))
    #expect(Mask.partial.canFollow(.partial))
    #expect(Mask.range(step: 100).canFollow(.range(step: 10)))
    #expect(!Mask.range(step: 15).canFollow(.range(step: 10)))
    #expect(!Mask.partial.canFollow(.suppressed))
    #expect(!Mask.pseudonym.canFollow(.pseudonym))
  }
}
