package import ReplicationCore
internal import ReplicationEngine
package import SignedFeed

extension PostgresTransaction {
  package func keep(_ batches: [SignedBatch]) throws {
    var fresh: [BatchKey: SignedBatch] = [:]
    for batch in batches {
      let key = BatchKey(replica: batch.header.replica, first: batch.header.firstIndex)
      fresh[key] = try fresh[key].map { try $0.merged(with: batch) } ?? batch
    }
    for (replica, keys) in Dictionary(grouping: fresh.keys, by: \.replica) {
      let stored = try bodies(replica, firsts: keys.map(\.first))
      for key in keys {
        guard let batch = fresh[key] else { continue }
        guard let kept = stored[key.first] else { continue }
        fresh[key] = try kept.merged(with: batch)
      }
      try write(replica, keys.compactMap { fresh[$0] })
    }
  }

  package func batches(containing dots: Set<Dot>) throws -> [SignedBatch] {
    var found: [BatchKey: SignedBatch] = [:]
    var missing: [Replica: [Int64]] = [:]
    var last: SignedBatch?
    for dot in dots.sorted() {
      if let last, last.header.replica == dot.replica, dot.index >= last.header.firstIndex,
        dot.index < last.header.firstIndex + UInt64(last.header.count)
      {
        continue
      }
      if let batch = known(dot) {
        found[BatchKey(replica: dot.replica, first: batch.header.firstIndex)] = batch
        last = batch
      } else {
        missing[dot.replica, default: []].append(Int64(dot.index))
      }
    }
    for (replica, indexes) in missing {
      for batch in try fetch(replica, indexes) {
        found[BatchKey(replica: replica, first: batch.header.firstIndex)] = batch
      }
    }
    return found.sorted { ($0.key.replica, $0.key.first) < ($1.key.replica, $1.key.first) }
      .map(\.value)
  }

  package func redact(_ values: [Dot: FieldSet]) throws {
    for batch in try batches(containing: Set(values.keys)) {
      let header = batch.header
      var gone: [UInt64: FieldSet] = [:]
      for index in header.firstIndex..<(header.firstIndex + UInt64(header.count)) {
        if let fields = values[Dot(header.replica, index)] { gone[index] = fields }
      }
      let rest = batch.redacting(gone)
      let newest = try headerEvidence(header.replica)
      if rest.changes.isEmpty, header.firstIndex + UInt64(header.count) - 1 < newest {
        try remove(header.replica, header.firstIndex)
      } else {
        try write(header.replica, [rest])
      }
    }
  }

  package func close(_ values: [Dot: FieldSet]) throws {
    for batch in try batches(containing: Set(values.keys)) {
      let replica = batch.header.replica
      var closed: [UInt64: FieldSet] = [:]
      for (dot, fields) in values where batch.header.has(dot) { closed[dot.index] = fields }
      let rest = batch.closing(closed)
      if rest != batch { try write(replica, [rest]) }
    }
  }

  package func headerEvidence(_ replica: Replica) throws -> UInt64 {
    let rows = try connection.query(
      """
      SELECT last FROM huijia.batch
      WHERE code = $1 AND slug = $2 AND incarnation = $3 AND lane = $4
      ORDER BY first DESC LIMIT 1
      """, replica.parameters)
    return rows.count == 0 ? 0 : UInt64(rows.int(0, 0) ?? 0)
  }

  package func highestIncarnation(of node: NodeID) throws -> UInt32 {
    let rows = try connection.query(
      "SELECT max(incarnation) FROM huijia.batch WHERE code = $1 AND slug = $2",
      [.int(Int64(node.code.number)), .text(node.slug)])
    return UInt32(rows.int(0, 0) ?? 0)
  }

  private func known(_ dot: Dot) -> SignedBatch? {
    for case (let key, let batch?) in touchedBatches
    where key.replica == dot.replica && key.first <= dot.index
      && dot.index < key.first + UInt64(batch.header.count)
    {
      return batch
    }
    guard let batch = cache.batch(containing: dot) else { return nil }
    let key = BatchKey(replica: dot.replica, first: batch.header.firstIndex)
    return touchedBatches.keys.contains(key) ? nil : batch
  }

  /// The batches that contain some indexes of one replica.
  private func fetch(_ replica: Replica, _ indexes: [Int64]) throws -> [SignedBatch] {
    let start = cache.now
    let rows = try connection.query(
      """
      SELECT b.body FROM (SELECT DISTINCT (SELECT max(c.first) FROM huijia.batch c
        WHERE c.code = $1 AND c.slug = $2 AND c.incarnation = $3 AND c.lane = $4 AND c.first <= i)
        AS first FROM unnest($5::bigint[]) i) d,
        LATERAL (SELECT e.body FROM huijia.batch e WHERE e.code = $1 AND e.slug = $2
        AND e.incarnation = $3 AND e.lane = $4 AND e.first = d.first LIMIT 1) b
      """, replica.parameters + [.ints(indexes)])
    return try (0..<rows.count).map { row in
      let batch = try SignedBatch(trusted: rows.bytes(row, 0) ?? [])
      if touchedBatches.isEmpty {
        cache.add(batch, readAt: isWriter ? .max : min(start, readStart))
      }
      return batch
    }
  }

  private func bodies(_ replica: Replica, firsts: [UInt64]) throws -> [UInt64: SignedBatch] {
    let rows = try connection.query(
      """
      SELECT first, body FROM huijia.batch WHERE code = $1 AND slug = $2 AND incarnation = $3
      AND lane = $4 AND first = ANY($5)
      """, replica.parameters + [.ints(firsts.map(Int64.init))])
    var result: [UInt64: SignedBatch] = [:]
    for row in 0..<rows.count {
      result[UInt64(rows.int(row, 0) ?? 0)] = try SignedBatch(trusted: rows.bytes(row, 1) ?? [])
    }
    return result
  }

  private func write(_ replica: Replica, _ batches: [SignedBatch]) throws {
    _ = try connection.query(
      """
      INSERT INTO huijia.batch SELECT $1, $2, $3, $4, f, l, b
      FROM unnest($5::bigint[], $6::bigint[], $7::bytea[]) u(f, l, b)
      ON CONFLICT (code, slug, incarnation, lane, first) DO UPDATE SET body = excluded.body
      """,
      replica.parameters + [
        .ints(batches.map { Int64($0.header.firstIndex) }),
        .ints(batches.map { Int64($0.header.firstIndex) + Int64($0.header.count) - 1 }),
        .byteStrings(batches.map { $0.encoded() }),
      ])
    for batch in batches {
      touchedBatches[BatchKey(replica: replica, first: batch.header.firstIndex)] = batch
    }
  }

  private func remove(_ replica: Replica, _ first: UInt64) throws {
    _ = try connection.query(
      """
      DELETE FROM huijia.batch WHERE code = $1 AND slug = $2 AND incarnation = $3 AND lane = $4
      AND first = $5
      """, replica.parameters + [.int(Int64(first))])
    touchedBatches[BatchKey(replica: replica, first: first)] = .some(nil)
  }
}

extension Replica {
  /// The four columns that name a replica.
  var parameters: [Parameter] {
    [
      .int(Int64(node.code.number)), .text(node.slug), .int(Int64(incarnation)),
      .int(Int64(lane.rawValue)),
    ]
  }
}
