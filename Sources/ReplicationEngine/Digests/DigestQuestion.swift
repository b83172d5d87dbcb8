package import ReplicationCore

/// One frame of a comparison by digest.
package enum DigestFrame: Hashable, Sendable {
  /// Asked under a policy and a catalog: ends that live under different ones cannot be compared.
  case question(number: UInt64, policyEpoch: UInt64, catalogEpoch: UInt64, DigestQuestion)
  case answer(number: UInt64, DigestAnswer)
  /// How a comparison that the sender ran came out.
  case conclusion(LinkComparison)
}

/// A stretch of a ledger's keys, in the ledger's order.
package struct KeyRange: Hashable, Sendable {
  package var ledger: LedgerID
  /// The range begins after this key; nil: at the first.
  package var after: String?
  /// The last key; nil: to the last of all.
  package var through: String?

  package init(_ ledger: LedgerID, after: String? = nil, through: String? = nil) {
    self.ledger = ledger
    self.after = after
    self.through = through
  }
}

/// What one end asks of the other's part of the link's view.
package enum DigestQuestion: Hashable, Sendable {
  /// Digests of a range, cut into parts of `size` records, at most `DigestLimits.parts` of them.
  case parts(KeyRange, size: UInt64)
  /// The digest of each record of a range, at most `DigestLimits.records` of them.
  case records(KeyRange)
  /// What is held of these records, dot by dot; at most `DigestLimits.details`.
  case details([RecordRef])
  /// Tell by the feed how these records stand; at most `DigestLimits.details`.
  case repair([RecordRef])
  /// Take out what this end does not hold, as it tells here, and the other cannot prove. Ascending, at least one, at most `DigestLimits.details`.
  case setAside([RecordDetail])
}

/// A part of a range: the records after the part before, up to and with `last`.
package struct DigestPart: Hashable, Sendable {
  /// A key of a record in the view.
  package var last: String
  package var digest: RangeDigest

  package init(last: String, digest: RangeDigest) {
    self.last = last
    self.digest = digest
  }
}

/// A record's key with its digest.
package struct DigestEntry: Hashable, Sendable {
  package var key: String
  package var digest: ShortDigest

  package init(key: String, digest: ShortDigest) {
    self.key = key
    self.digest = digest
  }
}

/// What the other end says.
package enum DigestAnswer: Hashable, Sendable {
  /// `isWhole`: there is nothing in the range behind the last part. Else the same is asked again from there on.
  case parts([DigestPart], isWhole: Bool)
  /// Likewise.
  case records([DigestEntry], isWhole: Bool)
  /// The first of those asked for, at least one.
  case details([RecordDetail])
  /// How many records the feed tells of, or how many values were set aside, and where the feed ends now.
  case repaired(told: UInt64, heads: LanePositions)
  /// Not now: machine-readable, such as `policy`.
  case notNow(String)
}

/// Bounds of the frames of a comparison, and of what one question costs.
package enum DigestLimits {
  /// Parts of one answer.
  package static let parts = 64
  /// Records of one list.
  package static let records = 512
  /// Records of one question for details or repair.
  package static let details = 64
  /// Values of one record.
  package static let dots = 8192
  /// Once an answer has so many bytes, nothing more is put into it.
  package static let answerBytes = 64 * 1024
  /// Records that one question may make the other end look at.
  package static let looked = 20_000
  /// Records that one transaction looks at.
  package static let slice = 1000
  /// The longest reason of `notNow`.
  package static let reasonBytes = 64
  /// Records in a coarse part, and in a fine one.
  package static let coarse: UInt64 = 1024
  package static let fine: UInt64 = 64
}

/// How two ends of a link compare.
package struct LinkComparison: Hashable, Sendable {
  /// Records of the link's view, of either end.
  package var compared: UInt64 = 0
  /// Records that could not be judged: something of them was under way all the time.
  package var moving: UInt64 = 0
  /// Records in which the ends differ and that were not mended.
  package var different: UInt64 = 0
  /// Records that differed and are equal now.
  package var repaired: UInt64 = 0

  package init() {}

  package var equal: UInt64 { compared - min(compared, moving + different) }
}
