/// The one form in which a JSON value travels: what PostgreSQL's `jsonb` prints.
///
/// Keys ascend by length, then by bytes, each once; `, ` and `: ` between; numbers are plain digits; strings escape only what they must.
/// Anything else would come back from the table as other bytes than were signed, or not get in at all.
package enum CanonicalJSON {
  /// The deepest nesting: PostgreSQL's own limit hangs on its stack, and is far above.
  package static let depth = 255

  /// Whether a text is in this form.
  package static func isCanonical(_ text: String) -> Bool {
    var copy = text
    return copy.withUTF8 { bytes in
      var scan = JSONScan(bytes)
      return scan.value(0) && scan.isAtEnd
    }
  }
}

/// A cursor that accepts the canonical form and nothing else. Each step says whether it could be made.
private struct JSONScan {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }
  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - at >= count else { return false }
    for i in 0..<count where bytes[at + i] != text.utf8Start[i] { return false }
    at += count
    return true
  }

  mutating func value(_ depth: Int) -> Bool {
    switch next {
    case UInt8(ascii: "{"): depth < CanonicalJSON.depth && object(depth)
    case UInt8(ascii: "["): depth < CanonicalJSON.depth && array(depth)
    case UInt8(ascii: "\""): string() != nil
    case UInt8(ascii: "t"): take("true")
    case UInt8(ascii: "f"): take("false")
    case UInt8(ascii: "n"): take("null")
    default: number()
    }
  }

  private mutating func array(_ depth: Int) -> Bool {
    at += 1
    if take("]") { return true }
    repeat {
      guard value(depth + 1) else { return false }
    } while take(", ")
    return take("]")
  }

  private mutating func object(_ depth: Int) -> Bool {
    at += 1
    if take("}") { return true }
    var last: [UInt8]?
    repeat {
      guard let key = string(), last.map({ Self.ascends($0, key) }) ?? true, take(": "),
        value(depth + 1)
      else { return false }
      last = key
    } while take(", ")
    return take("}")
  }

  private static func ascends(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count < b.count
  }

  /// The string's own bytes, unescaped; nil when it is none.
  private mutating func string() -> [UInt8]? {
    guard take("\"") else { return nil }
    var content: [UInt8] = []
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return content
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        content.append(escaped)
      case 0..<0x20: return nil
      default: content.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> UInt8? {
    guard let letter = next else { return nil }
    at += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return letter
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "u"):
      guard take("00"), let high = hexadecimal(), let low = hexadecimal() else { return nil }
      let byte = high << 4 | low
      // What has a letter of its own, and zero, are never written so.
      let isPlain = byte >= 0x20 || [0x00, 0x08, 0x09, 0x0A, 0x0C, 0x0D].contains(byte)
      return isPlain ? nil : byte
    default: return nil
    }
  }

  private mutating func hexadecimal() -> UInt8? {
    guard let digit = next else { return nil }
    at += 1
    switch digit {
    case 0x30...0x39: return digit - 0x30
    case 0x61...0x66: return digit - 0x61 + 10
    default: return nil
    }
  }

  private mutating func number() -> Bool {
    let from = at
    while let byte = next, (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E { at += 1 }
    guard at > from else { return false }
    let digits = String(decoding: bytes[from..<at], as: UTF8.self)
    return Value.decimal(digits).formFault == nil
  }
}
