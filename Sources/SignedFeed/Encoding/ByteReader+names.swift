package import ReplicationCore

extension ByteReader {
  /// A node: the code in five bytes, the slug.
  package mutating func node() throws(FeedError) -> NodeID {
    let at = offset
    let number = try fixed(5)
    let slug = try text(max: 32)
    guard let code = DivisionCode(number: number), let node = NodeID(code: code, slug: slug) else {
      throw FeedError(.malformed, "no node has this code or slug", offset: at)
    }
    return node
  }

  /// A replica: node, incarnation (from 1), lane.
  package mutating func replica() throws(FeedError) -> Replica {
    let node = try node()
    let at = offset
    let incarnation = try varint(max: FeedLimits.incarnation)
    guard incarnation > 0 else {
      throw FeedError(.malformed, "incarnations begin at 1", offset: at)
    }
    return Replica(node: node, incarnation: UInt32(incarnation), lane: try lane())
  }

  /// A lane: one byte.
  package mutating func lane() throws(FeedError) -> Lane {
    let at = offset
    guard let lane = Lane(rawValue: try byte()) else {
      throw FeedError(.unsupported, "a lane that this version does not know", offset: at)
    }
    return lane
  }

  /// An index: from 1.
  package mutating func index() throws(FeedError) -> UInt64 {
    let at = offset
    let index = try varint()
    guard index > 0 else { throw FeedError(.malformed, "indexes begin at 1", offset: at) }
    return index
  }

  /// A dot: replica, index.
  package mutating func dot() throws(FeedError) -> Dot {
    let replica = try replica()
    return Dot(replica, try index())
  }

  /// A version vector of at most `limit` entries, strictly ascending by replica.
  package mutating func vector(
    max limit: Int = FeedLimits.baseEntries
  ) throws(FeedError) -> VersionVector {
    let at = offset
    let count = try count(max: limit)
    if count == 0 { return VersionVector() }
    var entries: [VersionVector.Entry] = []
    entries.reserveCapacity(Swift.min(count, 64))
    for _ in 0..<count {
      let replica = try replica()
      entries.append(VersionVector.Entry(replica, try index()))
    }
    guard let vector = VersionVector(canonical: entries) else {
      throw FeedError(.notCanonical, "a version vector that is not ascending", offset: at)
    }
    return vector
  }

  /// A record: ledger, key.
  package mutating func ref() throws(FeedError) -> RecordRef {
    let ledger = LedgerID(UInt16(try varint(max: UInt64(UInt16.max))))
    return RecordRef(ledger, try text(max: FeedLimits.keyBytes))
  }

  /// A field's number in one byte.
  package mutating func field() throws(FeedError) -> FieldID {
    let at = offset
    let number = try byte()
    guard number < FieldSet.limit else {
      throw FeedError(.malformed, "a field number above \(FieldSet.limit - 1)", offset: at)
    }
    return FieldID(number)
  }

  /// A set of fields: its bits as a varint.
  package mutating func fields() throws(FeedError) -> FieldSet {
    FieldSet(bits: try varint(max: 1 << UInt64(FieldSet.limit) - 1))
  }

  /// Passes over a version vector as `vector` would read it; calls `body` with each entry and where it begins.
  mutating func eachEntry(
    _ body: (Replica, UInt64, Int) throws(FeedError) -> Void
  ) throws(FeedError) {
    let count = try count(max: FeedLimits.baseEntries)
    var last: Replica?
    for _ in 0..<count {
      let at = offset
      let replica = try replica()
      if let last, !(last < replica) {
        throw FeedError(.notCanonical, "a version vector that is not ascending", offset: at)
      }
      last = replica
      try body(replica, try index(), at)
    }
  }
}
