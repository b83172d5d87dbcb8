import PostgresStore
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// What a village can sign and PostgreSQL cannot hold: one refused change each, and the link goes on.
@Suite("Values that no table could hold")
struct HostileValueTests {
  struct Bad: Sendable, CustomTestStringConvertible {
    let name: String
    let field: FieldID
    let value: Value
    let code: String
    var testDescription: String { name }
  }

  static let bad: [Bad] = [
    Bad(name: "NUL in text", field: .name, value: .text("a\0b"), code: "invalid_value"),
    Bad(name: "NUL in a home", field: .place, value: .text("4501\0"), code: "invalid_value"),
    Bad(name: "NaN", field: .price, value: .decimal("NaN"), code: "invalid_value"),
    Bad(name: "Infinity", field: .price, value: .decimal("Infinity"), code: "invalid_value"),
    Bad(name: "exponent", field: .price, value: .decimal("1e999999"), code: "invalid_value"),
    Bad(name: "words for a number", field: .price, value: .decimal("x"), code: "invalid_value"),
    Bad(
      name: "20000 places", field: .price,
      value: .decimal("0." + String(repeating: "1", count: 20_000)), code: "invalid_value"),
    Bad(name: "date before all", field: .born, value: .date(.min), code: "invalid_value"),
    Bad(name: "date after all", field: .born, value: .date(.max), code: "invalid_value"),
    Bad(name: "time before all", field: .seen, value: .timestamp(.min), code: "invalid_value"),
    Bad(name: "no JSON", field: .details, value: .json("{"), code: "invalid_value"),
    Bad(name: "NUL in JSON", field: .details, value: .json("\"\\u0000\""), code: "invalid_value"),
    Bad(
      name: "half a character in JSON", field: .details, value: .json("\"\\ud800\""),
      code: "invalid_value"),
    Bad(
      name: "JSON 30000 deep", field: .details,
      value: .json(String(repeating: "[", count: 30_000) + String(repeating: "]", count: 30_000)),
      code: "invalid_value"),
    Bad(
      name: "a huge number in JSON", field: .details, value: .json("1e131073"),
      code: "invalid_value"),
    Bad(
      name: "keys twice", field: .details, value: .json(#"{"a": 1, "a": 2}"#), code: "invalid_value"
    ),
    Bad(name: "a text as number", field: .amount, value: .text("1"), code: "wrong_type"),
    Bad(name: "bytes", field: .name, value: .bytes([1]), code: "wrong_type"),
    Bad(name: "a deletion as name", field: .name, value: .deleted([]), code: "wrong_type"),
    Bad(name: "verification as name", field: .name, value: .verified([]), code: "wrong_type"),
    Bad(name: "existence as text", field: .alive, value: .text("yes"), code: "wrong_type"),
    Bad(name: "not alive", field: .alive, value: .bool(false), code: "wrong_type"),
    Bad(name: "a field that there is not", field: FieldID(60), value: .null, code: "unknown_field"),
  ]

  /// A value of as many encoded bytes that can be sealed.
  private func placeholder(for value: Value) -> Value {
    switch value {
    case .text(let text), .decimal(let text), .json(let text):
      value.formFault == nil
        ? value : .text(String(repeating: "X", count: text.utf8.count))
    case .date: .integer(Int64(Int32.max))
    case .timestamp: .integer(.max)
    default: value
    }
  }

  @Test("is refused alone, recorded without its value, and what follows arrives", arguments: bad)
  func refused(bad: Bad) async throws {
    let town = try HostileVillage()
    var stand = placeholder(for: bad.value)
    // The tag differs: the whole encoding is put in its place.
    if case .text = stand, stand != bad.value { stand = tagged(stand, like: bad.value) }
    var values = HostileVillage.values
    var writes: [FieldWrite] = []
    values[bad.field] = stand
    if bad.field != .alive { values[.alive] = .bool(true) }
    for field in values.fields.members.sorted() {
      let value = values[field] ?? .null
      writes.append(FieldWrite(field: field, value: value, rank: 0, base: VersionVector()))
    }
    let outcome = try await town.send(
      Samples.ref("bad"), writes, instead: stand == bad.value ? nil : (of: stand, bad.value))
    #expect(outcome.refused == 1)
    #expect(outcome.position == 2)
    #expect(try town.quarantine() == [bad.code])
    #expect(try town.database.number("SELECT count(*) FROM ledger.thing") == 0)
    let after = try await town.send(Samples.ref("good"))
    #expect(after.refused == 0 && after.position == 3)
    #expect(try town.database.number("SELECT count(*) FROM ledger.thing") == 1)
  }

  /// A value of the same kind as another, with a text's content, that sealing takes: digits are decimals, a text is JSON as far as sealing looks.
  private func tagged(_ stand: Value, like value: Value) -> Value {
    guard case .text(let text) = stand else { return stand }
    switch value {
    case .decimal: return .decimal(String(repeating: "7", count: text.utf8.count))
    case .json: return .json(text)
    default: return stand
    }
  }

  @Test("records of no ledger, and keys of no form, are refused alone")
  func records() async throws {
    let town = try HostileVillage()
    #expect(try await town.send(RecordRef(LedgerID(60_000), "k")).refused == 1)
    #expect(try await town.send(RecordRef(LedgerID(7), "")).refused == 1)
    #expect(
      try await town.send([.withdrawal(RecordRef(LedgerID(61_000), "k"), fields: nil)]).refused
        == 1)
    #expect(try town.quarantine() == ["unknown_ledger", "invalid_key", "unknown_ledger"])
    #expect(try await town.send(Samples.ref("good")).applied == 1)
  }

  @Test("a record of a ledger that a newer catalog may know waits for the catalog")
  func newerCatalog() async throws {
    let town = try HostileVillage()
    await #expect(throws: ParcelError.self) {
      try await town.send(RecordRef(LedgerID(60_000), "k"), catalogEpoch: 2)
    }
    #expect(try town.quarantine().isEmpty)
  }

  @Test(
    "a change from outside of all time is refused",
    arguments: [Int64.min, .max, -62_135_596_800_000_001])
  func times(time: Int64) async throws {
    let town = try HostileVillage()
    #expect(try await town.send(Samples.ref("bad"), time: time).refused == 1)
    #expect(try town.quarantine() == ["invalid_time"])
    #expect(try await town.send(Samples.ref("good"), time: 253_402_300_799_999_999).applied == 1)
  }

  @Test("a catch-up up to a record of no ledger ends the link and is not kept")
  func catchUp() async throws {
    let town = try HostileVillage()
    for ref in [RecordRef(LedgerID(60_000), "k"), Samples.ref(""), Samples.ref("a\0")] {
      let parcel = Parcel(
        lane: .bulk, span: .catchUp(start: 1, last: ref, done: 1, total: 2, isComplete: false),
        policyEpoch: 1)
      await #expect(throws: ParcelError.self) { try await town.send(parcel) }
    }
    #expect(try town.database.number("SELECT count(*) FROM huijia.link_lane") == 0)
  }

  @Test("the quarantine keeps small proofs, and of each peer the newest")
  func bounded() async throws {
    let town = try HostileVillage()
    var values = HostileVillage.values
    values[.amount] = .text("no number")
    values[.name] = .text(String(repeating: "长", count: 10_000))
    for key in 0..<3 { _ = try await town.send(Samples.ref("\(key)"), values) }
    try town.database.superuser(
      """
      INSERT INTO huijia.refused (peer, code, detail)
      SELECT '\(Samples.village)', 'older', '' FROM generate_series(1, 10000);
      UPDATE huijia.refused SET code = 'newest' WHERE id <= 0
      """)
    _ = try await town.send(Samples.ref("last"), values)
    #expect(try town.database.number("SELECT count(*) FROM huijia.refused") == 10_000)
    #expect(
      try town.database.number("SELECT count(*) FROM huijia.refused WHERE code = 'wrong_type'") == 1
    )
  }
}
