/// What a parcel asks of its receiver, counted before any signature is checked.
package struct ParcelWeight: Sendable, Hashable {
  /// Encoded bytes.
  package var bytes: UInt64 = 0
  package var changes: UInt64 = 0
  /// Values that are shown.
  package var fields: UInt64 = 0
  /// Entries of the bases of shown changes.
  package var baseEntries: UInt64 = 0
  /// Changes that make a record, or end one.
  package var newKeys: UInt64 = 0

  package init() {}

  /// In the order of the bounds.
  fileprivate var parts: [UInt64] { [bytes, changes, fields, baseEntries, newKeys] }
}

/// What one child may send in a minute. An import of all it has stays below; what is above would fill disk and time of all others.
package struct IntakeLimits: Sendable, Hashable {
  package var bytesPerMinute: UInt64 = 4 << 30
  package var changesPerMinute: UInt64 = 6_000_000
  package var fieldsPerMinute: UInt64 = 120_000_000
  package var baseEntriesPerMinute: UInt64 = 60_000_000
  package var newKeysPerMinute: UInt64 = 3_000_000

  package init() {}
}

/// What is left of a child's minute: for each bound a bucket that a minute fills.
///
/// It outlives a link, so that dialling again brings nothing.
package struct IntakeAllowance: Sendable {
  private struct Bucket: Sendable {
    let what: String
    let limit: UInt64
    /// What may still come.
    var left: Double
  }

  private var buckets: [Bucket]
  private var at: Int64

  /// All buckets are full. `now`: microseconds since 1970 UTC.
  package init(_ limits: IntakeLimits, now: Int64) {
    let bounds = [
      ("bytes", limits.bytesPerMinute), ("changes", limits.changesPerMinute),
      ("fields", limits.fieldsPerMinute), ("base entries", limits.baseEntriesPerMinute),
      ("new keys", limits.newKeysPerMinute),
    ]
    buckets = bounds.map { Bucket(what: $0.0, limit: $0.1, left: Double($0.1)) }
    at = now
  }

  /// Takes a parcel's weight off; throws `flood` when a bound is reached, and takes nothing then.
  package mutating func take(_ weight: ParcelWeight, now: Int64) throws(LinkRefusal) {
    let (past, isOver) = now.subtractingReportingOverflow(at)
    let minutes = isOver || past < 0 ? 0 : Swift.min(1, Double(past) / 60_000_000)
    at = now
    for i in buckets.indices {
      let limit = Double(buckets[i].limit)
      buckets[i].left = Swift.min(limit, buckets[i].left + limit * minutes)
    }
    let parts = weight.parts.map { Double($0) }
    for (bucket, part) in zip(buckets, parts) where part > bucket.left {
      throw LinkRefusal(
        .flood, "more than \(bucket.limit) \(bucket.what) in a minute", position: bucket.limit)
    }
    for (i, part) in parts.enumerated() { buckets[i].left -= part }
  }
}
