package import ReplicationCore

extension ByteWriter {
  /// How a value was masked.
  package mutating func mask(_ mask: Mask) {
    switch mask {
    case .partial: byte(1)
    case .range(let step):
      byte(2)
      varint(UInt64(bitPattern: step))
    case .year: byte(3)
    case .pseudonym: byte(4)
    case .suppressed: byte(5)
    }
  }
}

extension ByteReader {
  /// How a value was masked.
  package mutating func mask() throws(FeedError) -> Mask {
    let at = offset
    switch try byte() {
    case 1: return .partial
    case 2:
      let step = try varint(max: UInt64(Int64.max))
      guard step > 0 else { throw FeedError(.malformed, "a range without a step", offset: at) }
      return .range(step: Int64(step))
    case 3: return .year
    case 4: return .pseudonym
    case 5: return .suppressed
    default: throw FeedError(.unsupported, "a mask that this version does not know", offset: at)
    }
  }

  /// A value as a node holds it: an author's, or what a mask left of one.
  package mutating func heldValue() throws(FeedError) -> Value {
    bytes[offset..<end].first == ValueTag.masked.rawValue ? .masked(try maskedValue()) : try value()
  }

  mutating func maskedValue() throws(FeedError) -> MaskedValue {
    let at = offset
    guard try byte() == ValueTag.masked.rawValue else {
      throw FeedError(.malformed, "no masked value", offset: at)
    }
    let mask = try mask()
    let inner = offset
    let shown = try value()
    switch shown {
    case .deleted, .verified:
      throw FeedError(.malformed, "a mask leaves a value of a field", offset: inner)
    default: return MaskedValue(mask: mask, shown: shown)
    }
  }
}
