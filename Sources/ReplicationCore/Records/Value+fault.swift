/// Why no store could hold a value, however well it is signed; holds no value.
package enum ValueFault: String, Sendable, Hashable, CaseIterable {
  case hasZero = "holds a zero character"
  case notPlainDecimal = "is not a plain decimal number of at most 16383 places"
  case outsideCalendar = "lies outside the calendar"
  case notCanonicalJSON = "is not JSON in its canonical form"

  /// For operators.
  package var words: String { rawValue }
}

extension Value {
  /// What no store could hold about it; nil when every store can.
  ///
  /// The feed's encoding says nothing of this, so that one such value is one refused change and not the end of a link.
  package var fault: ValueFault? {
    switch self {
    case .json(let text):
      CanonicalJSON.isCanonical(text) ? nil : .notCanonicalJSON
    case .masked(let masked): masked.shown.fault
    default: formFault
    }
  }

  /// As `fault`, without a look into JSON, which a database has written itself.
  package var formFault: ValueFault? {
    switch self {
    case .text(let text), .json(let text): text.hasZeroByte ? .hasZero : nil
    case .decimal(let text): Self.isPlainDecimal(text) ? nil : .notPlainDecimal
    case .date(let days): StoreBounds.days.contains(Int64(days)) ? nil : .outsideCalendar
    case .timestamp(let time): StoreBounds.microseconds.contains(time) ? nil : .outsideCalendar
    case .masked(let masked): masked.shown.formFault
    case .verified(let entries):
      if entries.contains(where: \.actor.hasZeroByte) {
        .hasZero
      } else {
        entries.allSatisfy { Change.times.contains($0.time) } ? nil : .outsideCalendar
      }
    case .null, .bool, .integer, .uuid, .bytes, .deleted: nil
    }
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]{1,16383})?`, and no minus before zero.
  private static func isPlainDecimal(_ text: String) -> Bool {
    var rest = text.utf8[...]
    let isNegative = rest.first == 0x2D
    if isNegative { rest = rest.dropFirst() }
    let whole = rest.prefix { (0x30...0x39).contains($0) }
    guard let first = whole.first, whole.count == 1 || first != 0x30 else { return false }
    var places = rest[whole.endIndex...]
    if !places.isEmpty {
      guard places.removeFirst() == 0x2E, (1...StoreBounds.decimalPlaces).contains(places.count),
        places.allSatisfy({ (0x30...0x39).contains($0) })
      else { return false }
    }
    return !isNegative || whole.contains { $0 != 0x30 } || places.contains { $0 != 0x30 }
  }
}

extension Change {
  /// The years 1 to 9999, in microseconds since 1970 UTC: a change's time outside is not to be shown or compared.
  package static let times: ClosedRange<Int64> =
    -62_135_596_800_000_000...253_402_300_799_999_999
}

/// What PostgreSQL can hold: a value outside would stop the applying of a whole batch.
///
/// Source: PostgreSQL, `src/include/datatype/timestamp.h`; Julian day 0 is 4714-11-24 BC.
private enum StoreBounds {
  /// Days since 1970-01-01.
  static let days: Range<Int64> = -2_440_588..<2_145_042_906
  /// Microseconds since 1970; the upper end is that of the number.
  static let microseconds: ClosedRange<Int64> = -210_866_803_200_000_000...Int64.max
  /// Digits after the point: `NUMERIC_MAX_RESULT_SCALE` in `src/include/utils/numeric.h`.
  static let decimalPlaces = 16_383
}
