import Governance
import ReplicationCore
import Testing

@Suite("National codes")
struct NationalCodesTests {
  @Test("The identity numbers that GB 11643 prints are valid")
  func publishedIdentityNumbers() throws {
    let woman = try #require(IdentityNumber("11010519491231002X"))
    #expect(woman.birth.description == "1949-12-31")
    #expect(woman.area == 110105)
    #expect(!woman.isMale)
    let man = try #require(IdentityNumber("440524188001010014"))
    #expect(man.birth.description == "1880-01-01")
    #expect(man.isMale)
  }

  @Test(
    "A wrong identity number is refused",
    arguments: [
      "110105194912310021", "11010519491231002x", "11010519491331002X", "110105194902290026",
      "990105194912310021", "1101051949123100", "11010519491231002X ", "", "１１０１０５19491231002X",
      "11010519491231O02X", "010105194912310024",
    ])
  func wrongIdentityNumber(_ text: String) { #expect(IdentityNumber(text) == nil) }

  @Test("Every single wrong digit and every swap of neighbours is found")
  func identityNumberFindsSlips() {
    let good = Array("11010519491231002X".utf8)
    for i in 0..<17 {
      for digit in UInt8(0x30)...0x39 where digit != good[i] {
        var bad = good
        bad[i] = digit
        #expect(IdentityNumber(String(decoding: bad, as: UTF8.self)) == nil)
      }
      if i < 16, good[i] != good[i + 1] {
        var bad = good
        bad.swapAt(i, i + 1)
        #expect(IdentityNumber(String(decoding: bad, as: UTF8.self)) == nil)
      }
    }
  }

  @Test("A number made from its parts reads back")
  func identityNumberFromParts() throws {
    let birth = try #require(CalendarDay(year: 1949, month: 12, day: 31))
    #expect(
      IdentityNumber(area: 110105, birth: birth, sequence: 2)?.text == "11010519491231002X")
    #expect(IdentityNumber(area: 990105, birth: birth, sequence: 2) == nil)
    #expect(IdentityNumber(area: 110105, birth: birth, sequence: 1000) == nil)
  }

  @Test("The credit code that GB 32100 prints is valid")
  func publishedCreditCode() {
    #expect(CreditCode("91350100M000100Y43") != nil)
    #expect(
      CreditCode(department: "91", division: 350100, organization: "M000100Y")?.text
        == "91350100M000100Y43")
  }

  @Test(
    "A wrong credit code is refused",
    arguments: [
      "91350100M000100Y44", "91350100M000100Y53", "9135O100M000100Y43", "91350100M000100Y4",
      "91350100m000100y43", "", "9199010OM000100Y43", "91350100M000100Y43 ",
    ])
  func wrongCreditCode(_ text: String) { #expect(CreditCode(text) == nil) }

  @Test("Every single wrong character of a credit code is found")
  func creditCodeFindsSlips() {
    let good = Array("91350100M000100Y43".utf8)
    for i in 0..<18 {
      for byte in CreditCode.alphabet where byte != good[i] {
        var bad = good
        bad[i] = byte
        #expect(CreditCode(String(decoding: bad, as: UTF8.self)) == nil)
      }
    }
  }

  @Test(
    "Days and dates are one another's inverse", arguments: [-719_162, -1, 0, 11_016, 2_932_896])
  func days(_ days: Int32) { #expect(CalendarDay(sinceEpoch: days).sinceEpoch == days) }

  @Test("Known days")
  func knownDays() {
    #expect(CalendarDay(sinceEpoch: 0).description == "1970-01-01")
    #expect(CalendarDay("2000-02-29")?.sinceEpoch == 11_016)
    #expect(CalendarDay("1900-02-29") == nil)
    #expect(CalendarDay("0001-01-01")?.sinceEpoch == -719_162)
    #expect(CalendarDay("9999-12-31")?.sinceEpoch == 2_932_896)
  }

  @Test("Sex and ethnicity have the standards' codes")
  func lists() {
    #expect(CodeList.sex.items.map(\.code) == ["0", "1", "2", "9"])
    #expect(CodeList.ethnicity.items.count == 58)
    #expect(CodeList.ethnicity.title(of: "01") == "汉族")
    #expect(CodeList.ethnicity.title(of: "08") == "壮族")
    #expect(CodeList.ethnicity.title(of: "56") == "基诺族")
    #expect(!CodeList.ethnicity.contains("57"))
    #expect(!CodeList.ethnicity.contains("8"))
  }

  @Test("Telephone numbers as people write them")
  func phones() {
    for good in [
      "13912345678", "0771-5512345", "07715512345", "110", "12345", "+85212345678",
      "010-12345678-801",
    ] {
      #expect(PhoneNumber.isValid(good), "\(good)")
    }
    for bad in [
      "", "12", "1291234567a", "12912345678", "0771-", "+1", "139 1234 5678", "0771-5512345-",
    ] {
      #expect(!PhoneNumber.isValid(bad), "\(bad)")
    }
  }

  @Test("A division code has twelve digits and a region that there is")
  func divisions() {
    #expect(RegionCodes.isDivisionCode("450103001005"))
    #expect(RegionCodes.isDivisionCode("441900003000"))
    for bad in ["", "4501", "990103001005", "45010300100x", "4501030010055", "000000000000"] {
      #expect(!RegionCodes.isDivisionCode(bad))
    }
  }
}
