extension Mask {
  /// What the mask leaves of a value; null where nothing is left of it. Null stays null.
  ///
  /// A pseudonym hangs on a key, and is made where that is.
  package func shown(of value: Value) -> Value {
    switch (self, value) {
    case (.partial, .text(let text)): Self.partial(text).map(Value.text) ?? .null
    case (.year, .date(let days)):
      Self.firstDay(ofYearOf: Int64(days)).map { .date(Int32($0)) } ?? .null
    case (.year, .timestamp(let time)):
      Self.firstDay(ofYearOf: time.floored(by: Self.day)).map { .timestamp($0 * Self.day) } ?? .null
    case (.range(let step), .integer(let number)):
      Self.floor(number, to: step).map(Value.integer) ?? .null
    case (.range(let step), .decimal(let digits)):
      Self.floor(digits, to: step).map(Value.decimal) ?? .null
    default: .null
    }
  }

  /// Whether this mask can be put over what another one left.
  package func canFollow(_ earlier: Mask) -> Bool {
    switch (self, earlier) {
    case (.suppressed, _): true
    case (.range(let step), .range(let finer)): step % finer == 0
    default: self == earlier && self != .pseudonym
    }
  }

  /// Microseconds.
  private static let day: Int64 = 86_400_000_000

  private static func partial(_ text: String) -> String? {
    let characters = Array(text)
    let isNumber = characters.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "-" || $0 == "+") }
    if characters.count >= 15, isIdentity(characters) { return stars(characters, 6, 4) }
    if isNumber { return characters.count > 7 ? stars(characters, 3, 4) : nil }
    return characters.count > 1 ? "\(characters[0])*" : nil
  }

  /// 15 or 18 characters, digits all but the last, which may be an X.
  private static func isIdentity(_ text: [Character]) -> Bool {
    (text.count == 15 || text.count == 18)
      && text.dropLast().allSatisfy { $0.isASCII && $0.isNumber }
      && text.last.map { $0.isASCII && $0.isNumber || $0 == "X" || $0 == "x" } ?? false
  }

  private static func stars(_ text: [Character], _ first: Int, _ last: Int) -> String {
    String(text.prefix(first)) + String(repeating: "*", count: text.count - first - last)
      + String(text.suffix(last))
  }

  private static func floor(_ number: Int64, to step: Int64) -> Int64? {
    if step < 1 { return nil }
    let (product, isOver) = number.floored(by: step).multipliedReportingOverflow(by: step)
    return isOver ? nil : product
  }

  /// With as many places as the number had.
  private static func floor(_ digits: String, to step: Int64) -> String? {
    let parts = digits.split(separator: ".", maxSplits: 1)
    let places = parts.count > 1 ? parts[1] : ""
    guard let first = parts.first, let whole = Int64(first) else { return nil }
    let isBelow = digits.hasPrefix("-") && places.contains { $0 != "0" }
    guard let floor = floor(isBelow ? whole - 1 : whole, to: step) else { return nil }
    return "\(floor)" + (places.isEmpty ? "" : "." + String(repeating: "0", count: places.count))
  }

  /// Days since 1970-01-01 of the first day of the year that a day is in; nil outside the calendar.
  ///
  /// The proleptic Gregorian calendar, in which 400 years have 146,097 days.
  private static func firstDay(ofYearOf days: Int64) -> Int64? {
    func first(_ year: Int64) -> Int64 {
      let past = year - 1
      return past * 365 + past.floored(by: 4) - past.floored(by: 100) + past.floored(by: 400)
        - 719_162
    }
    var year = ((days + 719_162) * 400).floored(by: 146_097) + 1
    while first(year) > days { year -= 1 }
    while first(year + 1) <= days { year += 1 }
    // Of the years before 4713 BC no store can hold the first day.
    let day = first(year)
    return day >= -2_440_588 ? day : nil
  }
}

extension Int64 {
  /// The quotient, rounded down; the divisor is above 0.
  fileprivate func floored(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
