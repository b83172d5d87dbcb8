import Governance
import LabKit
import ReplicationCore
import Testing

@Suite("Synthetic records")
struct SyntheticRecordsTests {
  private func catalog() throws -> Catalog {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    return try Catalog(directory: parts.joined(separator: "/") + "/Config/ledgers")
  }

  private func home() throws -> DivisionCode { try #require(DivisionCode("450103001005")) }

  @Test("Every value is valid for its column", arguments: SyntheticRecords.ledgers)
  func valid(_ name: String) throws {
    let ledger = try #require(try catalog().ledger(named: name))
    let records = try #require(
      SyntheticRecords(ledger: name, home: home(), count: 3_000, seed: 1))
    #expect(records.columns.first == ledger.key.name)
    var keys: Set<String> = []
    for values in records {
      #expect(values.count == records.columns.count)
      keys.insert(values[0])
      for (column, value) in zip(records.columns, values).dropFirst() where value != "\\N" {
        let field = try #require(ledger.field(named: column), "\(column)")
        switch field.type {
        case .text, .code, .division, .identityNumber, .creditCode, .phone:
          #expect(field.type.check(.text(value)) == nil, "\(column)")
        case .date: #expect(CalendarDay(value) != nil, "\(column)")
        case .integer: #expect(Int64(value) != nil, "\(column)")
        case .decimal: #expect(field.type.check(.decimal(value)) == nil, "\(column)")
        case .bool: #expect(["t", "f"].contains(value))
        case .timestamp, .uuid, .json: #expect(!value.isEmpty)
        }
      }
    }
    #expect(keys.count == 3_000)
  }

  @Test("The same seed gives the same records, another seed others, keys ascend")
  func seeded() throws {
    func make(_ seed: UInt64) throws -> [[String]] {
      Array(
        try #require(SyntheticRecords(ledger: "resident", home: home(), count: 200, seed: seed)))
    }
    let first = try make(7)
    #expect(try make(7) == first)
    #expect(try make(8) != first)
    let keys = first.map { $0[0] }
    #expect(keys.sorted() == keys)
    #expect(keys.allSatisfy { $0.utf8.count == 36 })
  }

  @Test("Sex and date of birth agree with the identity number, and some names are rare")
  func consistent() throws {
    let records = try #require(
      SyntheticRecords(ledger: "resident", home: home(), count: 5_000, seed: 3))
    var rare = 0
    for values in records {
      let row = Dictionary(uniqueKeysWithValues: zip(records.columns, values))
      let number = try #require(IdentityNumber(row["id_number"] ?? ""))
      #expect(row["birth_date"] == number.birth.description)
      #expect(row["sex"] == (number.isMale ? "1" : "2"))
      let name = try #require(row["name"])
      if name.unicodeScalars.contains(where: {
        $0.value > 0xFFFF || (0xE000...0xF8FF).contains($0.value)
      }) {
        rare += 1
      }
    }
    #expect((1...200).contains(rare))
  }

  @Test("A ledger that is none has no records")
  func unknown() throws {
    let home = try home()
    #expect(SyntheticRecords(ledger: "moon", home: home, count: 1, seed: 1) == nil)
  }
}
