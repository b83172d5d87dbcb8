import Governance
import ReplicationCore
import Testing

@Suite("Catalog")
struct CatalogTests {
  /// The problems of a ledger file, as `LINE:COLUMN message (hint)`.
  private func problems(_ text: String) -> [Problem] {
    do {
      _ = try Catalog(files: [CatalogFile(name: "x.yaml", text: text)])
      return []
    } catch { return error.list }
  }

  @Test("The ledgers that ship are whole")
  func shipped() throws {
    let catalog = try Samples.catalog()
    let names = ["resident", "house", "organization", "event", "disability"]
    #expect(catalog.ledgers.map(\.name) == names)
    #expect(catalog.ledgers.map(\.lane) == [.bulk, .bulk, .bulk, .urgent, .bulk])
    #expect(catalog.ledger(named: "disability")?.fields.count == 28)
    let resident = try #require(catalog.ledger(named: "resident"))
    #expect(resident.key.name == "person_id")
    #expect(resident.homes.compactMap { resident.field($0)?.name } == ["home", "residence"])
    for name in [
      "home", "residence", "name", "sex", "birth_date", "id_number", "address", "phone",
      "ethnicity", "status", "subsidy",
    ] {
      #expect(resident.field(named: name) != nil, "\(name)")
    }
    #expect(catalog[resident.id] == resident)
    #expect(catalog[LedgerID(99)] == nil)
    for ledger in catalog.ledgers { #expect(ledger.field(named: "home")?.id.number == 2) }
  }

  @Test(
    "What a value contains reaches through: a certificate's number holds an identity number's parts"
  )
  func contents() throws {
    let disability = try #require(try Samples.catalog().ledger(named: "disability"))
    func contents(_ name: String) -> [String]? {
      disability.field(named: name)?.contains.members.map { disability.name(of: $0) }
    }
    #expect(contents("id_number") == ["sex", "birth_date"])
    #expect(
      contents("certificate_number") == ["sex", "birth_date", "id_number", "category", "grade"])
    #expect(contents("phone") == [])
    let text = Samples.plainLedger + ", contains: [nmae, aid]}"
    let wrong = problems(text.replacing("authorities: [county, village]}, ", with: ""))
    #expect(wrong.map(\.hint) == ["did you mean \"name\"?", "known: home, name, phone, residence"])
  }

  @Test("A catalog becomes one document, the same whatever the order of its files, and back")
  func document() throws {
    let catalog = try Catalog(epoch: 5, files: Samples.catalog().files.reversed())
    let bytes = catalog.document
    #expect(try Catalog(epoch: 5, files: Samples.catalog().files).document == bytes)
    let back = try Catalog(document: bytes)
    #expect(back == catalog)
    #expect(back.epoch == 5)
    #expect(throws: Problems.self) { try Catalog(document: Array(bytes.dropLast())) }
    #expect(throws: Problems.self) { try Catalog(document: bytes + [0x0A]) }
    #expect(throws: Problems.self) { try Catalog(document: []) }
    let padded = Array("huijia catalog 1\nepoch 05".utf8) + bytes.dropFirst(24)
    #expect(throws: Problems.self) { try Catalog(document: padded) }
  }

  @Test("Every problem is told at once, with its line and the nearest known name")
  func manyProblems() {
    let found = problems(
      """
      ledger: Select
      id: 0
      title: {zh: 人, en: Person}
      lane: bulc
      key: {name: id_number, type: identity_number}
      homes: [home]
      feilds: []
      fields:
        - {name: home, id: 2, title: {zh: 家, en: Home}, type: divison}
        - {name: user, id: 3, title: {zh: 用, en: User}, type: text}
        - {name: pay, id: 3, title: {zh: 钱, en: Pay}, type: float}
        - {name: sex, id: 63, title: {zh: 性, en: Sex}, type: code, codes: sexx}
      """)
    let lines = found.map(\.line)
    #expect(lines == [1, 2, 4, 5, 7, 9, 10, 11, 11, 12, 12])
    #expect(found[2].hint == "did you mean \"bulk\"?")
    #expect(found[4].hint == "did you mean \"fields\"?")
    #expect(found[4].column == 1)
    #expect(found[5].hint == "did you mean \"division\"?")
    #expect(found[6].message.contains("reserved word"))
    #expect(found.last?.description.hasPrefix("x.yaml:12:") == true)
  }

  @Test(
    "What a ledger must not have is refused, with the reason",
    arguments: [
      ("key: {name: person_id, type: uuid}", "key: {name: person_id, type: serial}"),
      ("key: {name: person_id, type: uuid}", "key: {name: person_id, type: text, sensitive: true}"),
      ("homes: [home, residence]", "homes: [residence, home]"),
      ("homes: [home, residence]", "homes: [home, name]"),
      ("homes: [home, residence]", "homes: []"),
      ("id: 5, title", "id: 4, title"),
      ("name: phone", "name: name"), ("name: phone", "name: person_id"),
      ("name: phone", "name: alive"), ("name: phone", "name: 电话"),
      ("name: phone", "name: a123456789012345678901234567890123456789012345678"),
      ("type: phone", "type: money"), ("type: phone", "type: phone, unique: true"),
      ("type: phone", "type: identity_number"), ("type: phone", "type: phone, required: true"),
      ("type: phone", "type: phone, codes: sex"), ("[county, village]", "[county, vilage]"),
      ("title: {zh: 人, en: Person}", "title: {zh: 人}"), ("id: 1\n", "id: 1\nid: 2\n"),
      ("id: 1\n", "id: 70000\n"), ("ledger: person\n", "ledger: &a person\nnote: *a\n"),
    ])
  func profile(_ change: (String, String)) throws {
    let parts = Samples.plainLedger.split(
      separator: change.0, maxSplits: 1, omittingEmptySubsequences: false)
    let text = try #require(parts.count == 2 ? parts.joined(separator: change.1) : nil)
    #expect(!problems(text).isEmpty)
  }

  @Test("Two files with one id or name are told")
  func twice() {
    let files = ["a.yaml", "b.yaml"].map { CatalogFile(name: $0, text: Samples.plainLedger) }
    #expect(throws: Problems.self) { try Catalog(files: files) }
  }

  @Test("Broken YAML is told with its place")
  func broken() throws {
    let problem = try #require(problems("ledger: person\nid: [1\nlane: bulk\n").first)
    #expect(problem.line >= 2)
    #expect(problems("").first?.message.contains("empty") == true)
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(problems(deep).contains { $0.message.contains("nested") })
  }

  @Test("Names from the private use area and the supplementary planes are text")
  func rareNames() {
    for name in ["\u{E000}", "𠮷\u{20BB7}", "\u{F0000}", "张\u{10FFFD}", "e\u{301}", ""] {
      #expect(FieldType.text.check(.text(name)) == nil)
    }
    #expect(FieldType.text.check(.text("a\u{0}b")) == .hasZero)
    let long = String(repeating: "x", count: 65_537)
    #expect(FieldType.text.check(.text(long)) == .tooLong)
  }

  @Test("Each type takes its own values and null, and refuses others")
  func types() throws {
    let good: [(FieldType, Value)] = [
      (.code(.sex), .text("2")), (.date, .date(0)), (.timestamp, .timestamp(1)),
      (.integer, .integer(-3)), (.decimal, .decimal("-12.50")), (.bool, .bool(true)),
      (.division, .text("450103001005")), (.identityNumber, .text("11010519491231002X")),
      (.creditCode, .text("91350100M000100Y43")), (.phone, .text("13912345678")),
      (.uuid, .uuid(1, 2)), (.json, .json("{}")),
    ]
    for (type, value) in good {
      #expect(type.check(value) == nil, "\(type.name)")
      #expect(type.check(.null) == nil)
      #expect(type.check(.bytes([])) == .wrongKind)
    }
    #expect(FieldType.code(.sex).check(.text("3")) == .notOnList)
    #expect(FieldType.date.check(.date(.max)) == .notFinite)
    #expect(FieldType.timestamp.check(.timestamp(.min)) == .notFinite)
    for bad in ["NaN", "1e5", "+1", "1.", ".5", "", "-", "1.2.3"] {
      #expect(FieldType.decimal.check(.decimal(bad)) == .notDecimal)
    }
    #expect(FieldType.division.check(.text("45")) == .notDivision)
  }

  @Test("A code list becomes a check that quotes its codes")
  func sqlChecks() {
    #expect(FieldType.code(.sex).sqlCheck("x") == "x IN ('0', '1', '2', '9')")
    let odd = CodeList(name: "odd", source: nil, items: [CodeList.Item("a'b", "?")])
    #expect(FieldType.code(odd).sqlCheck("x") == "x IN ('a''b')")
    #expect(FieldType.integer.sqlCheck("x") == nil)
    #expect(FieldType.decimal.sqlType == "numeric")
    #expect(FieldType.json.sqlType == "jsonb")
  }
}
