/// A cursor over bytes from anywhere: every read is bounded, only canonical forms are accepted, nothing traps.
///
/// Each read throws `FeedError` with the offset of what it began to read, and leaves the cursor anywhere.
package struct ByteReader: Sendable {
  /// The whole buffer; offsets count from its begin.
  package let bytes: [UInt8]
  /// The offset of the next byte.
  package private(set) var offset: Int
  /// The offset after the last byte that may be read.
  package let end: Int

  /// Reads a whole buffer.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  /// Reads a part of a buffer; the range must lie within it.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// How many bytes are left.
  package var remaining: Int { end - offset }
  package var isAtEnd: Bool { offset == end }

  /// Throws `trailing` unless everything was read.
  package func finish() throws(FeedError) {
    if offset != end {
      throw FeedError(.trailing, "\(end - offset) bytes too many", offset: offset)
    }
  }

  /// One byte.
  package mutating func byte() throws(FeedError) -> UInt8 {
    guard offset < end else {
      throw FeedError(.truncated, "one more byte expected", offset: offset)
    }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// One byte, 0 or 1.
  package mutating func flag() throws(FeedError) -> Bool {
    let at = offset
    switch try byte() {
    case 0: return false
    case 1: return true
    default: throw FeedError(.malformed, "a flag is 0 or 1", offset: at)
    }
  }

  /// What a number may be where nothing else is said: every store and every sum of a few can hold it.
  package static let largest = UInt64(Int64.max)

  /// An unsigned number in LEB128, in its shortest form only, at most `limit`.
  package mutating func varint(
    max limit: UInt64 = ByteReader.largest
  ) throws(FeedError) -> UInt64 {
    let at = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      if shift == 63, next > 1 {
        throw FeedError(.tooLarge, "a number above 64 bits", offset: at)
      }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 {
        if next == 0, shift > 0 {
          throw FeedError(.notCanonical, "a number that is not in its shortest form", offset: at)
        }
        break
      }
      shift += 7
    }
    guard value <= limit else {
      throw FeedError(.tooLarge, "\(value) where at most \(limit) is allowed", offset: at)
    }
    return value
  }

  /// A number of things that follow, at most `limit`, which must fit an `Int`.
  package mutating func count(max limit: Int) throws(FeedError) -> Int {
    Int(try varint(max: UInt64(limit)))
  }

  /// A signed number in zigzag form.
  package mutating func zigzag() throws(FeedError) -> Int64 {
    let value = try varint(max: .max)
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// A number of `count` bytes (at most 8), most significant first.
  package mutating func fixed(_ count: Int) throws(FeedError) -> UInt64 {
    let from = try skip(count)
    var value: UInt64 = 0
    for i in from..<from + count { value = value << 8 | UInt64(bytes[i]) }
    return value
  }

  /// Passes over `count` bytes; returns where they begin.
  @discardableResult
  package mutating func skip(_ count: Int) throws(FeedError) -> Int {
    guard count >= 0, count <= end - offset else {
      throw FeedError(.truncated, "\(count) bytes expected, \(end - offset) left", offset: offset)
    }
    defer { offset += count }
    return offset
  }

  /// `count` bytes as they are.
  package mutating func raw(_ count: Int) throws(FeedError) -> ArraySlice<UInt8> {
    let from = try skip(count)
    return bytes[from..<from + count]
  }

  /// Bytes after their count, at most `limit`.
  package mutating func lengthPrefixed(max limit: Int) throws(FeedError) -> ArraySlice<UInt8> {
    try raw(try count(max: limit))
  }

  /// A text after its count of bytes, at most `limit`: valid UTF-8 without NUL.
  package mutating func text(max limit: Int) throws(FeedError) -> String {
    let at = offset
    let text = try content(max: limit)
    guard !text.utf8.contains(0) else {
      throw FeedError(.badText, "a text has a NUL", offset: at)
    }
    return text
  }

  /// The text of a value after its count of bytes, at most `limit`: valid UTF-8.
  mutating func content(max limit: Int) throws(FeedError) -> String {
    let size = try count(max: limit)
    let from = try skip(size)
    return try utf8(from, size) { String(copying: $0) }
  }

  /// Calls `body` with bytes that are valid UTF-8. Not by way of `String(validating:as:)`, which takes three times as long.
  private func utf8<T>(
    _ from: Int, _ size: Int, _ body: (borrowing UTF8Span) -> T
  ) throws(FeedError) -> T {
    do {
      return body(try UTF8Span(validating: bytes.span.extracting(from..<from + size)))
    } catch {
      throw FeedError(.badText, "a text is not UTF-8", offset: from)
    }
  }

  /// 32 bytes.
  package mutating func digest() throws(FeedError) -> Digest {
    let at = offset
    guard let digest = Digest(try raw(32)) else {
      throw FeedError(.truncated, "a digest has 32 bytes", offset: at)
    }
    return digest
  }

  /// Passes over a text as `text` would read it, without making it.
  mutating func skipText(max limit: Int) throws(FeedError) {
    let from = try skipContent(max: limit)
    guard !bytes[from..<offset].contains(0) else {
      throw FeedError(.badText, "a text has a NUL", offset: from)
    }
  }

  /// Passes over a value's text as `content` would read it, without making it; returns where it begins.
  @discardableResult
  mutating func skipContent(max limit: Int) throws(FeedError) -> Int {
    let size = try count(max: limit)
    let from = try skip(size)
    try utf8(from, size) { _ in }
    return from
  }
}
