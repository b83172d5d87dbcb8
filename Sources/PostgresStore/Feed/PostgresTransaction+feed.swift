package import ReplicationCore
internal import ReplicationEngine
internal import SignedFeed

/// The feed lies in segments: one row holds entries that one transaction appended. A row an entry would halve the rate of apply;
/// a segment without bound would be decoded whole for each parcel that takes a part of it.
extension PostgresTransaction {
  /// The most entries of a segment.
  private static let segmentEntries = 512

  package func append(_ entries: [Entry], to lane: Lane) throws -> UInt64 {
    var head = try head(lane)
    let first = head.nextPosition
    guard !entries.isEmpty else { return first }
    head.nextPosition += UInt64(entries.count)
    if let last = entries.lastIndex(where: \.unsettlesEarlier) {
      head.settledFrom = first + UInt64(last) + 1
    }
    head.isChanged = true
    heads[lane] = head
    try insertSegments(entries, lane, from: first)
    try notePolicies(entries, lane, from: first)
    return first
  }

  private func insertSegments(_ entries: [Entry], _ lane: Lane, from first: UInt64) throws {
    var firsts: [Int64] = []
    var lasts: [Int64] = []
    var bodies: [[UInt8]] = []
    for start in stride(from: 0, to: entries.count, by: Self.segmentEntries) {
      let end = min(start + Self.segmentEntries, entries.count)
      firsts.append(Int64(first) + Int64(start))
      lasts.append(Int64(first) + Int64(end) - 1)
      bodies.append(EntryCodec.encode(entries[start..<end]))
    }
    _ = try connection.query(
      """
      INSERT INTO huijia.feed (lane, first, last, body) SELECT $1, f, l, b
      FROM unnest($2::bigint[], $3::bigint[], $4::bytea[]) u(f, l, b)
      """,
      [.int(Int64(lane.rawValue)), .ints(firsts), .ints(lasts), .byteStrings(bodies)])
  }

  package func entries(
    _ lane: Lane, from position: UInt64, limit: Int
  ) throws -> [(UInt64, Entry)] {
    var result: [(UInt64, Entry)] = []
    var next = max(position, try firstKept(lane))
    while result.count < limit {
      let rows = try connection.query(
        """
        SELECT first, body FROM huijia.feed WHERE lane = $1 AND first >= coalesce((SELECT max(first)
        FROM huijia.feed WHERE lane = $1 AND first <= $2), $2) ORDER BY first LIMIT $3
        """,
        [
          .int(Int64(lane.rawValue)), .int(Int64(next)),
          .int(Int64(min(8, (limit - result.count) / Self.segmentEntries + 2))),
        ])
      let before = next
      for row in 0..<rows.count where result.count < limit {
        let first = UInt64(rows.int(row, 0) ?? 0)
        for (offset, entry) in try EntryCodec.decode(rows.bytes(row, 1) ?? []).enumerated() {
          let position = first + UInt64(offset)
          guard position >= next, result.count < limit else { continue }
          result.append((position, entry))
        }
        if let last = result.last { next = last.0 + 1 }
      }
      if next == before { break }
    }
    return result
  }

  /// The first position kept: the segment that holds it may begin before. Takes no lock.
  private func firstKept(_ lane: Lane) throws -> UInt64 {
    if let head = heads[lane] { return head.firstPosition }
    let rows = try connection.query(
      "SELECT first_position FROM huijia.lane WHERE lane = $1", [.int(Int64(lane.rawValue))])
    return UInt64(rows.count > 0 ? rows.int(0, 0) ?? 1 : 1)
  }

  package func entries(
    of refs: Set<RecordRef>, in lane: Lane, from position: UInt64
  ) throws -> [(UInt64, Entry)] {
    var result: [(UInt64, Entry)] = []
    var next = position
    while true {
      let slice = try entries(lane, from: next, limit: 4096)
      for (position, entry) in slice {
        if let ref = entry.ref, refs.contains(ref) { result.append((position, entry)) }
      }
      guard let last = slice.last else { return result }
      next = last.0 + 1
    }
  }

  package func policyEntries(_ lane: Lane, from position: UInt64) throws -> [(UInt64, Entry)] {
    let rows = try connection.query(
      "SELECT position, old, new, side FROM huijia.feed_policy WHERE lane = $1 AND position >= $2 ORDER BY 1",
      [.int(Int64(lane.rawValue)), .int(Int64(position))])
    return try (0..<rows.count).map { row in
      var side = ByteReader(rows.bytes(row, 3) ?? [])
      return (
        UInt64(rows.int(row, 0) ?? 0),
        .policy(
          old: UInt64(rows.int(row, 1) ?? 0), new: UInt64(rows.int(row, 2) ?? 0),
          from: try side.side())
      )
    }
  }

  /// Policy entries are looked for at every projection; they stand in a small table of their own too.
  private func notePolicies(_ entries: [Entry], _ lane: Lane, from first: UInt64) throws {
    for (offset, entry) in entries.enumerated() {
      guard case .policy(let old, let new, let from) = entry else { continue }
      var side = ByteWriter()
      side.side(from)
      _ = try connection.query(
        "INSERT INTO huijia.feed_policy VALUES ($1, $2, $3, $4, $5)",
        [
          .int(Int64(lane.rawValue)), .int(Int64(first) + Int64(offset)), .int(Int64(old)),
          .int(Int64(new)), .bytes(side.bytes),
        ])
    }
  }

  package func trim(_ lane: Lane, below position: UInt64) throws {
    var head = try head(lane)
    let first = min(position, head.nextPosition)
    guard first > head.firstPosition else { return }
    head.firstPosition = first
    head.isChanged = true
    heads[lane] = head
    _ = try connection.query(
      "DELETE FROM huijia.feed WHERE lane = $1 AND last < $2",
      [.int(Int64(lane.rawValue)), .int(Int64(first))])
    _ = try connection.query(
      "DELETE FROM huijia.feed_policy WHERE lane = $1 AND position < $2",
      [.int(Int64(lane.rawValue)), .int(Int64(first))])
  }
}
