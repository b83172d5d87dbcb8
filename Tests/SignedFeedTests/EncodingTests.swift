import ReplicationCore
import SignedFeed
import Testing

@Suite struct EncodingTests {
  @Test(arguments: [
    0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64(Int64.max) - 1, UInt64(Int64.max),
  ])
  func aNumberComesBackFromItsShortestFormOnly(number: UInt64) throws {
    var writer = ByteWriter()
    writer.varint(number)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.varint() == number)
    #expect(reader.isAtEnd)
    var longer = writer.bytes
    longer[longer.count - 1] |= 0x80
    longer.append(0)
    var bad = ByteReader(longer)
    #expect(throws: FeedError.self) { try bad.varint() }
    var short = ByteReader(Array(writer.bytes.dropLast()))
    #expect(throws: FeedError.self) { try short.varint() }
  }

  @Test func aNumberAbove64BitsIsRefused() {
    var reader = ByteReader(Array(repeating: 0xFF, count: 9) + [0x02])
    #expect(throws: FeedError.self) { try reader.varint() }
    var endless = ByteReader(Array(repeating: 0xFF, count: 30))
    #expect(throws: FeedError.self) { try endless.varint() }
  }

  @Test(arguments: [0, -1, 1, Int64.min, Int64.max])
  func aSignedNumberComesBack(number: Int64) throws {
    var writer = ByteWriter()
    writer.zigzag(number)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.zigzag() == number)
  }

  @Test func aLengthBeyondTheEndIsRefusedBeforeAnythingIsTaken() {
    var writer = ByteWriter()
    writer.varint(UInt64.max)
    var huge = ByteReader(writer.bytes)
    #expect(throws: FeedError.self) { try huge.lengthPrefixed(max: .max) }
    var short = ByteReader([5, 1, 2])
    #expect(throws: FeedError.self) { try short.lengthPrefixed(max: 10) }
  }

  @Test(arguments: ["", "李", "\u{20BB7}\u{E000}", "e\u{301}", "\u{E9}"])
  func namesOutsideTheBasicPlaneAndOfPrivateUsePassUnchanged(name: String) throws {
    var writer = ByteWriter()
    writer.value(.text(name))
    var reader = ByteReader(writer.bytes)
    #expect(try reader.value() == .text(name))
    #expect(Array(writer.bytes.suffix(name.utf8.count)) == Array(name.utf8))
  }

  @Test(
    arguments: [
      [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE4, 0xB8],
    ] as [[UInt8]])
  func aTextThatIsNotUTF8IsRefused(bytes: [UInt8]) {
    var writer = ByteWriter()
    writer.byte(0x14)
    writer.lengthPrefixed(bytes)
    var reader = ByteReader(writer.bytes)
    #expect(throws: FeedError.self) { try reader.value() }
  }

  @Test func aNULIsRefusedInNamesAndLeftToTheReceiverInValues() throws {
    var writer = ByteWriter()
    writer.value(.text("a\0"))
    var value = ByteReader(writer.bytes)
    #expect(try value.value().fault == .hasZero)
    var name = ByteReader([2, 0x61, 0])
    #expect(throws: FeedError.self) { try name.text(max: 9) }
  }

  @Test(arguments: [
    "", "-", "01", "1.", ".5", "1e3", "+1", "-0", "-0.00", "NaN", "Infinity", "1 ", "1.2.3",
    "1.\(String(repeating: "0", count: 16_384))",
  ])
  func aDecimalThatIsNotPlainDigitsIsAFaultOfTheValue(text: String) throws {
    var writer = ByteWriter()
    writer.value(.decimal(text))
    var reader = ByteReader(writer.bytes)
    #expect(try reader.value().fault == .notPlainDecimal)
  }

  @Test(arguments: ["0", "0.00", "-0.01", "1.0", "1.00", "-120.50", "99999999999999999999"])
  func aDecimalKeepsItsScale(text: String) throws {
    var writer = ByteWriter()
    writer.value(.decimal(text))
    var reader = ByteReader(writer.bytes)
    #expect(try reader.value() == .decimal(text))
    #expect(Value.decimal(text).fault == nil)
  }

  @Test func nullAbsentHiddenAndMaskedAreFourTags() {
    func kind(_ bytes: [UInt8]) -> FeedError.Kind? {
      var reader = ByteReader(bytes)
      do throws(FeedError) {
        _ = try reader.value()
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind([0x00]) == nil)
    #expect(kind([0x01]) == .malformed)
    #expect(kind([0x02]) == .malformed)
    // A masked value is no author's.
    #expect(kind([0x03, 0x01, 0x14, 0x01, 0x2A]) == .malformed)
    #expect(kind([0x77]) == .unsupported)
  }

  @Test func aVectorThatIsNotAscendingIsRefused() throws {
    let node = try #require(NodeID("450103001005"))
    let a = Replica(node: node, incarnation: 1, lane: .bulk)
    let b = Replica(node: node, incarnation: 1, lane: .urgent)
    for (first, second) in [(b, a), (a, a)] {
      var writer = ByteWriter()
      writer.varint(2)
      writer.dot(Dot(first, 1))
      writer.dot(Dot(second, 1))
      var reader = ByteReader(writer.bytes)
      #expect(throws: FeedError.self) { try reader.vector() }
    }
    var writer = ByteWriter()
    writer.vector(VersionVector(Dot(a, 5)).joined(Dot(b, 6)))
    var reader = ByteReader(writer.bytes)
    #expect(try reader.vector() == VersionVector(Dot(a, 5)).joined(Dot(b, 6)))
  }
}
