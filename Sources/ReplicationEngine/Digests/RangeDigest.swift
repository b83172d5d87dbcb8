package import ReplicationCore
package import SignedFeed

/// What one end holds of one record of the link's view, as a number of 256 bits.
package struct ShareDigest: Hashable, Sendable {
  package let numbers: HashNumbers

  /// SHA-256(0x20 ‖ ledger ‖ key ‖ for each dot, ascending: dot ‖ fields).
  package init(_ share: LinkShare, of ref: RecordRef) {
    var writer = ByteWriter(capacity: 128)
    writer.byte(0x20)
    writer.ref(ref)
    for entry in share.digested {
      writer.dot(entry.dot)
      writer.fields(entry.fields)
    }
    numbers = HashNumbers(hashing: writer.bytes)
  }

  /// The first 16 of the 32 bytes: what a list of records carries.
  package var short: ShortDigest { ShortDigest(high: numbers.a, low: numbers.b) }
}

/// The first half of a record's digest.
package struct ShortDigest: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// The records of a range, together: how many, and the sum of their digests.
///
/// A sum needs no order and no memory, and ranges can be cut anywhere; a record counts once, and every record's digest has its key in it.
/// Sums can be forged by who chooses what is added. That buys nothing here: a peer that wants to seem equal can as well repeat what it is told.
package struct RangeDigest: Hashable, Sendable {
  package var count: UInt64
  package var sum: HashNumbers

  package init(count: UInt64 = 0, sum: HashNumbers = HashNumbers()) {
    self.count = count
    self.sum = sum
  }

  /// Takes a record in.
  package mutating func add(_ digest: ShareDigest) {
    count += 1
    sum.add(digest.numbers)
  }
}

/// A slice of a ledger's records in key order, as far as they are in the link's view.
package struct ShareSlice: Sendable {
  package var records: [(key: String, digest: ShareDigest)]
  /// The last key that was looked at, in the view or not; nil when the range is at its end.
  package var next: String?

  package init(_ records: [(key: String, digest: ShareDigest)], next: String?) {
    self.records = records
    self.next = next
  }
}

/// A record of the link's view, with what decides whether a difference counts.
package struct RecordDetail: Hashable, Sendable {
  package var ref: RecordRef
  /// Something of it is under way to the peer, or came from the peer and waits here.
  package var isMoving: Bool
  /// What this end holds; `likely` is not told.
  package var share: LinkShare

  package init(ref: RecordRef, isMoving: Bool, share: LinkShare) {
    self.ref = ref
    self.isMoving = isMoving
    self.share = LinkShare(fields: share.fields, certain: share.certain)
  }
}

/// Positions of both lanes' feeds.
package struct LanePositions: Hashable, Sendable {
  package var bulk: UInt64
  package var urgent: UInt64

  package init(bulk: UInt64, urgent: UInt64) {
    self.bulk = bulk
    self.urgent = urgent
  }

  package subscript(lane: Lane) -> UInt64 {
    get { lane == .bulk ? bulk : urgent }
    set { if lane == .bulk { bulk = newValue } else { urgent = newValue } }
  }
}

/// Some records of the link's view.
package struct DetailSlice: Sendable {
  package var records: [RecordDetail]
  /// The first positions of this node's feed that the peer has not acknowledged.
  package var acknowledged: LanePositions

  package init(_ records: [RecordDetail], acknowledged: LanePositions) {
    self.records = records
    self.acknowledged = acknowledged
  }
}
