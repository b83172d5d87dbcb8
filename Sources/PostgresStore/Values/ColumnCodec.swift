internal import Governance
internal import ReplicationCore

/// Days from 1970-01-01 to PostgreSQL's epoch, 2000-01-01.
private let epochDays: Int64 = 10_957
/// The same in microseconds.
let epochMicroseconds: Int64 = 946_684_800_000_000

extension ColumnType {
  /// A cell's value. `.null` for NULL.
  func value(_ rows: Rows, _ row: Int, _ column: Int) -> Value {
    switch self {
    case .text: rows.text(row, column).map(Value.text) ?? .null
    case .decimal: rows.text(row, column).map(Value.decimal) ?? .null
    case .json: rows.text(row, column).map(Value.json) ?? .null
    case .bool: rows.int(row, column).map { .bool($0 != 0) } ?? .null
    case .integer: rows.int(row, column).map(Value.integer) ?? .null
    case .date:
      rows.int(row, column).map { .date(Int32(truncatingIfNeeded: $0 + epochDays)) } ?? .null
    case .timestamp: rows.int(row, column).map { .timestamp($0 &+ epochMicroseconds) } ?? .null
    case .uuid:
      rows.withBytes(row, column) { bytes in
        var words: (UInt64, UInt64) = (0, 0)
        for byte in bytes.prefix(8) { words.0 = words.0 << 8 | UInt64(byte) }
        for byte in bytes.dropFirst(8) { words.1 = words.1 << 8 | UInt64(byte) }
        return Value.uuid(words.0, words.1)
      } ?? .null
    }
  }

  /// Appends a value as a cell of `COPY … (FORMAT binary)`.
  ///
  /// Of a masked value, what the mask leaves. A value of another type than the column's is written as NULL: the catalog's epoch in the batch's header decides types before a value gets here.
  func append(_ value: Value, to out: inout [UInt8]) {
    switch (self, value) {
    case (_, .masked(let masked)): append(masked.shown, to: &out)
    case (.text, .text(let text)), (.decimal, .decimal(let text)), (.json, .json(let text)):
      appendCell(text.utf8, to: &out)
    case (.bool, .bool(let flag)):
      appendInt32(1, to: &out)
      out.append(flag ? 1 : 0)
    case (.integer, .integer(let number)):
      appendInt32(8, to: &out)
      appendInt64(number, to: &out)
    case (.date, .date(let days)):
      appendInt32(4, to: &out)
      appendInt32(Int32(truncatingIfNeeded: Int64(days) - epochDays), to: &out)
    case (.timestamp, .timestamp(let microseconds)):
      appendInt32(8, to: &out)
      appendInt64(microseconds &- epochMicroseconds, to: &out)
    case (.uuid, .uuid(let high, let low)):
      appendInt32(16, to: &out)
      appendInt64(Int64(bitPattern: high), to: &out)
      appendInt64(Int64(bitPattern: low), to: &out)
    default:
      appendInt32(-1, to: &out)
    }
  }
}

/// Appends a cell of raw bytes.
func appendCell(_ bytes: some Collection<UInt8>, to out: inout [UInt8]) {
  appendInt32(Int32(bytes.count), to: &out)
  out.append(contentsOf: bytes)
}

extension KeyType {
  /// Appends a key in its column's binary form; false when the text is not a key of this type.
  func append(_ key: String, to out: inout [UInt8]) -> Bool {
    switch self {
    case .text:
      appendCell(key.utf8, to: &out)
      return true
    case .bigint:
      guard let number = Int64(key) else { return false }
      appendInt32(8, to: &out)
      appendInt64(number, to: &out)
      return true
    case .uuid:
      guard let bytes = uuidBytes(key) else { return false }
      appendCell(bytes, to: &out)
      return true
    }
  }

  /// The canonical form of a key as a person writes it; nil when it is none of this type.
  package func canonical(_ key: String) -> String? {
    let form =
      switch self {
      case .text: key
      case .bigint: Int64(key).map(String.init) ?? key
      case .uuid: key.lowercased()
      }
    return isCanonical(form) ? form : nil
  }

  /// Whether a text is a key of this type in its canonical form. No text of PostgreSQL's holds a zero character.
  func isCanonical(_ key: String) -> Bool {
    switch self {
    case .text: !key.isEmpty && key.utf8.count <= 256 && !key.utf8.contains(0)
    case .bigint: Int64(key).map(String.init) == key
    case .uuid: uuidBytes(key) != nil && !key.utf8.contains { (0x41...0x46).contains($0) }
    }
  }
}

/// The 16 bytes of a UUID in its 36-character form; nil for anything else.
func uuidBytes(_ text: String) -> [UInt8]? {
  guard text.utf8.count == 36 else { return nil }
  var out: [UInt8] = []
  out.reserveCapacity(16)
  var high: UInt8?
  for (index, byte) in text.utf8.enumerated() {
    if index == 8 || index == 13 || index == 18 || index == 23 {
      guard byte == 0x2D else { return nil }
      continue
    }
    let digit: UInt8
    switch byte {
    case 0x30...0x39: digit = byte - 0x30
    case 0x61...0x66: digit = byte - 0x61 + 10
    case 0x41...0x46: digit = byte - 0x41 + 10
    default: return nil
    }
    if let first = high {
      out.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return out
}
