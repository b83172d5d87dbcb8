import ReplicationCore

extension ScopeParser {
  /// `gates: {LEDGER: {loop: outer | inner | both, days: N}}`.
  mutating func gates(_ tree: DocumentTree?) -> [LedgerGate] {
    var gates: [LedgerGate] = []
    for entry in tree?.entries("\"gates\"", log: &log) ?? [] {
      guard let ledger = ledger(entry.key, at: entry.place),
        let map = DocumentMap(entry.value, "a gate", known: ["loop", "days"], log: &log)
      else { continue }
      let days = map.number("days", in: 1...36_500, log: &log)
      guard let word = map.required("loop", log: &log) else { continue }
      guard let loop = GatedLoop(rawValue: word) else {
        let known = GatedLoop.allCases.map(\.rawValue)
        log.noteUnknown("loop", word, at: map.place(of: "loop"), known: known)
        continue
      }
      gates.append(
        LedgerGate(
          ledger: ledger.id, loop: loop, days: days.map { Int($0) }, line: entry.place.line,
          column: entry.place.column))
    }
    return gates.sorted { $0.ledger < $1.ledger }
  }

  /// `older_until:` the last day, or a moment; nil: older epochs may always be written under.
  mutating func olderUntil(_ map: DocumentMap) -> Int64? {
    guard let text = map.text("older_until", log: &log) else { return nil }
    if let moment = PolicyMoment.microseconds(text) { return moment }
    log.note(
      "\"older_until\" is neither a day nor a moment", at: map.place(of: "older_until"),
      hint: "as in 2026-12-31 or 2026-12-31T18:00:00+08:00")
    return nil
  }
}

extension ScopeParser {
  /// `as_of:` a day, which the region's node writes when it takes out rules that have ended; nil: none was.
  mutating func asOf(_ map: DocumentMap) -> CalendarDay? {
    guard let text = map.text("as_of", log: &log) else { return nil }
    if let day = CalendarDay(text) { return day }
    log.note("\"as_of\" is not a day", at: map.place(of: "as_of"), hint: "as in 2026-12-31")
    return nil
  }
}

/// Days and moments as policies write them.
enum PolicyMoment {
  /// China's time is eight hours ahead of UTC; a day of a policy is a day there.
  private static let chinaOffset = 8 * 3600

  /// The end of a day in China, or the moment of `YYYY-MM-DDTHH:MM:SS` with `Z` or an offset as `+08:00`; microseconds since 1970 UTC, nil for anything else.
  static func microseconds(_ text: String) -> Int64? {
    if let day = CalendarDay(text) {
      return (Int64(day.sinceEpoch) * 86_400 + 86_400 - Int64(chinaOffset)) * 1_000_000
    }
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[10] == 0x54, bytes[13] == 0x3A, bytes[16] == 0x3A,
      let day = CalendarDay(String(decoding: bytes[..<10], as: UTF8.self)),
      let clock = seconds(bytes[11..<13], bytes[14..<16], bytes[17..<19]),
      let offset = offset(bytes[19...])
    else { return nil }
    return (Int64(day.sinceEpoch) * 86_400 + clock - offset) * 1_000_000
  }

  private static func seconds(
    _ hours: ArraySlice<UInt8>, _ minutes: ArraySlice<UInt8>, _ seconds: ArraySlice<UInt8>
  ) -> Int64? {
    guard let hour = Digits.number(hours), hour < 24, let minute = Digits.number(minutes),
      minute < 60, let second = Digits.number(seconds), second < 60
    else { return nil }
    return Int64(hour * 3600 + minute * 60 + second)
  }

  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    if bytes.elementsEqual([0x5A]) { return 0 }
    let bytes = Array(bytes)
    guard bytes.count == 6, bytes[0] == 0x2B || bytes[0] == 0x2D, bytes[3] == 0x3A,
      let span = seconds(bytes[1..<3], bytes[4..<6], [0x30])
    else { return nil }
    return bytes[0] == 0x2B ? span : -span
  }
}
