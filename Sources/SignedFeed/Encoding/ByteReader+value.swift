package import ReplicationCore

extension ByteReader {
  /// An author's value; throws for what is no encoding of one. What a store could not hold is `Value.fault`'s to say.
  package mutating func value() throws(FeedError) -> Value {
    let at = offset
    switch try valueTag() {
    case .null: return .null
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .integer: return .integer(try zigzag())
    case .decimal: return .decimal(try content(max: FeedLimits.valueBytes))
    case .text: return .text(try content(max: FeedLimits.valueBytes))
    case .date: return .date(try date())
    case .timestamp: return .timestamp(try zigzag())
    case .uuid:
      let high = try fixed(8)
      return .uuid(high, try fixed(8))
    case .bytes: return .bytes(Array(try lengthPrefixed(max: FeedLimits.valueBytes)))
    case .json: return .json(try content(max: FeedLimits.valueBytes))
    case .deleted: return .deleted(try contexts())
    case .verified: return .verified(try verifications())
    case .absent, .hidden, .masked:
      throw FeedError(.malformed, "a leaf holds a value, not a gap or a mask", offset: at)
    }
  }

  /// Passes over a value as `value` would read it, without making it.
  mutating func skipValue() throws(FeedError) {
    let at = offset
    switch try valueTag() {
    case .null, .false, .true: break
    case .integer, .timestamp: _ = try zigzag()
    case .text, .decimal, .json: try skipContent(max: FeedLimits.valueBytes)
    case .date: _ = try date()
    case .uuid: try skip(16)
    case .bytes: try skip(try count(max: FeedLimits.valueBytes))
    case .deleted: _ = try contexts()
    case .verified: _ = try verifications()
    case .absent, .hidden, .masked:
      throw FeedError(.malformed, "a leaf holds a value, not a gap or a mask", offset: at)
    }
  }

  private mutating func valueTag() throws(FeedError) -> ValueTag {
    let at = offset
    guard let tag = ValueTag(rawValue: try byte()) else {
      throw FeedError(.unsupported, "a kind of value that this version does not know", offset: at)
    }
    return tag
  }

  private mutating func date() throws(FeedError) -> Int32 {
    let at = offset
    guard let days = Int32(exactly: try zigzag()) else {
      throw FeedError(.tooLarge, "a date of more than 32 bits", offset: at)
    }
    return days
  }

  private mutating func contexts() throws(FeedError) -> [FieldContext] {
    var result: [FieldContext] = []
    for _ in 0..<(try count(max: FeedLimits.fields)) {
      let at = offset
      let field = try field()
      if let last = result.last, last.field >= field {
        throw FeedError(.notCanonical, "fields that are not ascending", offset: at)
      }
      result.append(FieldContext(field, try vector(max: FeedLimits.valueEntries)))
    }
    return result
  }

  private mutating func verifications() throws(FeedError) -> [Verification] {
    var result: [Verification] = []
    for _ in 0..<(try count(max: FeedLimits.valueEntries)) {
      let at = offset
      let field = try field()
      let dot = try dot()
      if let last = result.last, (last.field, last.dot) >= (field, dot) {
        throw FeedError(.notCanonical, "dots that are not ascending", offset: at)
      }
      result.append(
        Verification(
          field, dot, time: try zigzag(), actor: try content(max: FeedLimits.actorBytes)))
    }
    return result
  }
}
