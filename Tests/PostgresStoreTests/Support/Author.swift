import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed
import Testing

/// A node that writes: makes records as rules would, with signed batches, and seals what applications wrote.
struct Author {
  let replica: Replica
  private let signer = Ed25519Signer()

  init(_ node: String = "450103000000") throws {
    replica = Replica(node: try #require(NodeID(node)), incarnation: 1, lane: .bulk)
  }

  /// A record in which this author wrote all fields in one change.
  func record(_ index: UInt64, _ values: FieldValues) -> Record {
    write(Record(), index, values)
  }

  /// A record after this author wrote some fields, having seen everything.
  func write(_ before: Record, _ index: UInt64, _ values: FieldValues) -> Record {
    var record = before
    var written = values
    if before[.alive].shown()?.value != .bool(true) { written[.alive] = .bool(true) }
    for entry in written.entries {
      let base = before[entry.field].context
      record[entry.field] = Register([sibling(index, entry.value, base: base)])
    }
    return record
  }

  func sibling(_ index: UInt64, _ value: Value, base: VersionVector = VersionVector()) -> Sibling {
    Sibling(
      dot: Dot(replica, index), value: value, rank: 0, time: Int64(index), base: base, side: .own)
  }

  /// The change that made this author's share of a record.
  func batch(_ refs: [(RecordRef, Record)], from first: UInt64) throws -> SignedBatch {
    var changes: [Change] = []
    for (offset, (ref, record)) in refs.enumerated() {
      let dot = Dot(replica, first + UInt64(offset))
      var writes: [FieldWrite] = []
      for entry in record.registers {
        for sibling in entry.register.siblings where sibling.dot == dot {
          writes.append(
            FieldWrite(field: entry.field, value: sibling.value, rank: 0, base: sibling.base))
        }
      }
      changes.append(
        Change(dot: dot, ref: ref, writes: writes, time: 1, actor: "test", cause: .write))
    }
    var rng = SystemRandomNumberGenerator()
    return try SignedBatch.seal(
      changes, order: changes.map { _ in "" }, previous: .zero, policyEpoch: 1, catalogEpoch: 1,
      time: 1, isAdjusted: false, signer: signer, using: &rng)
  }

  /// The change that puts a record back alive after a meeting, and the record with it.
  func revival(
    _ index: UInt64, of ref: RecordRef, _ before: Record, _ meeting: Meeting
  ) throws -> (SignedBatch, Record) {
    let write = FieldWrite(
      field: .alive, value: .bool(true), rank: 0, base: before[.alive].context)
    let change = Change(
      dot: Dot(replica, index), ref: ref, writes: [write], time: 1, actor: "",
      cause: .restore([meeting.deletion, meeting.unseen]))
    var record = before
    record[.alive] = Register([Sibling(write, of: change, side: .own)])
    var rng = SystemRandomNumberGenerator()
    let batch = try SignedBatch.seal(
      [change], order: [""], previous: .zero, policyEpoch: 1, catalogEpoch: 1, time: 1,
      isAdjusted: false, signer: signer, using: &rng)
    return (batch, record)
  }

  /// Seals unsealed writes as one transaction does: take, merge, keep, save. Returns what was taken.
  @discardableResult
  func seal(_ store: PostgresStore, from first: UInt64 = 1, limit: Int = 100_000) async throws
    -> [CapturedWrite]
  {
    try await store.write { tx in
      let captured = try tx.takeCaptured(of: nil, limit: limit)
      try apply(captured, tx, from: first)
      return captured
    }
  }

  /// Turns captured writes into records and saves them.
  func apply(_ captured: [CapturedWrite], _ tx: any StoreTransaction, from first: UInt64) throws {
    guard !captured.isEmpty else { return }
    let (records, order) = try merged(captured, tx, from: first)
    try tx.keep([batch(order, from: first)])
    _ = try tx.save(records)
  }

  /// Records after captured writes, and in the order of their changes.
  func merged(
    _ captured: [CapturedWrite], _ tx: any StoreTransaction, from first: UInt64
  ) throws -> (records: [RecordRef: Record], order: [(RecordRef, Record)]) {
    var records: [RecordRef: Record] = [:]
    var order: [(RecordRef, Record)] = []
    let loaded = try tx.load(captured.map(\.ref), lock: true).records
    for (offset, write) in captured.enumerated() {
      let before = loaded[write.ref] ?? Record()
      var record = self.write(before, first + UInt64(offset), write.values)
      if write.isDeletion {
        record[.alive] = Register([
          sibling(first + UInt64(offset), .deleted([]), base: before[.alive].context)
        ])
      }
      records[write.ref] = record
      order.append((write.ref, record))
    }
    return (records, order)
  }

  /// Applies records that came from elsewhere, as receiving does; returns the busy ones.
  @discardableResult
  func receive(_ records: [RecordRef: Record], _ store: PostgresStore) async throws
    -> Set<RecordRef>
  {
    try await store.write { tx in
      let loaded = try tx.load(records.keys.sorted(), lock: true)
      let free = records.filter { !loaded.busy.contains($0.key) }
      return try tx.save(free).union(loaded.busy)
    }
  }
}

/// The fields of `Samples.thing`.
extension FieldID {
  static let home = FieldID(2)
  static let place = FieldID(3)
  static let name = FieldID(4)
  static let amount = FieldID(5)
  static let price = FieldID(6)
  static let born = FieldID(7)
  static let seen = FieldID(8)
  static let active = FieldID(9)
  static let tag = FieldID(10)
  static let details = FieldID(11)
  static let identity = FieldID(12)
  static let subsidy = FieldID(13)
}
