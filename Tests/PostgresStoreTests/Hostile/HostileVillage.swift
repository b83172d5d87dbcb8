import PostgresStore
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// A town with a real database, and a village that signs whatever it likes.
final class HostileVillage {
  static let values: FieldValues = [
    .home: .text(Samples.village), .name: .text("甲"),
  ]

  let database: TestDatabase
  let village: NodeID
  private let town: Replicator
  private let signer = Ed25519Signer()
  private var next: UInt64 = 1
  private var position: UInt64 = 1
  private var previous = Digest.zero

  init() throws {
    let town = try #require(NodeID("450103001000"))
    village = try #require(NodeID(Samples.village))
    database = try TestDatabase(node: town.description)
    let policy = try Samples.policy()
    self.town = Replicator(
      node: town, parent: NodeID("450103000000"), signer: Ed25519Signer(), policy: policy,
      policies: MemoryShelf([policy]), ledgers: [Samples.ledger])
  }

  /// Creates a record with these values and sends it up; `instead`: a value that takes the place of another of as many bytes after it was sealed, as no honest program would.
  func send(
    _ ref: RecordRef, _ values: FieldValues = HostileVillage.values, time: Int64 = 1,
    catalogEpoch: UInt64 = 1, instead: (of: Value, Value)? = nil
  ) async throws -> ReceiveOutcome {
    let none = VersionVector()
    let writes =
      [FieldWrite(field: .alive, value: .bool(true), rank: 0, base: none)]
      + values.fields.members.sorted().map {
        FieldWrite(field: $0, value: values[$0] ?? .null, rank: 0, base: none)
      }
    return try await send(ref, writes, time: time, catalogEpoch: catalogEpoch, instead: instead)
  }

  /// Sends any writes of a record up.
  func send(
    _ ref: RecordRef, _ writes: [FieldWrite], time: Int64 = 1, catalogEpoch: UInt64 = 1,
    instead: (of: Value, Value)? = nil
  ) async throws -> ReceiveOutcome {
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), next)
    let change = Change(
      dot: dot, ref: ref, writes: writes, time: time, actor: "x", cause: .write)
    var rng = SystemRandomNumberGenerator()
    var batch = try SignedBatch.seal(
      [change], order: [""], previous: previous, policyEpoch: 1, catalogEpoch: catalogEpoch,
      time: 1, isAdjusted: false, signer: signer, using: &rng)
    if let instead { batch = try batch.replacing(instead.of, with: instead.1) }
    next += 1
    previous = batch.digest
    let item = Item.change(ref, dot: dot, fields: change.fields, payload: false)
    return try await send([item], [batch])
  }

  /// Sends any items up as the next stretch of the feed.
  func send(_ items: [Item], _ evidence: [SignedBatch] = []) async throws -> ReceiveOutcome {
    defer { position += 1 }
    return try await send(
      Parcel(
        lane: .bulk, span: .feed(from: position, next: position + 1), policyEpoch: 1,
        items: items, evidence: evidence))
  }

  /// Sends any parcel up.
  func send(_ parcel: Parcel) async throws -> ReceiveOutcome {
    let verified = VerifiedParcel(trusting: parcel)
    return try await database.store.write { [town, village] tx in
      var rng = SystemRandomNumberGenerator()
      return try town.receive(verified, from: village, tx, at: Moment(now: 9), using: &rng)
    }
  }

  /// Tries what the town has parked again.
  func retry(limit: Int = 500) async throws {
    try await database.store.write { [town] tx in
      var rng = SystemRandomNumberGenerator()
      _ = try town.retryParked(tx, limit: limit, at: Moment(now: 9), using: &rng)
    }
  }

  /// As many records as may wait for a table of the town.
  func fillWaiting() throws {
    try database.daemon().execute(
      """
      INSERT INTO huijia.refused (peer, ledger, key, code, detail, waits)
      SELECT '\(village)', 7, 'k' || n, 'table_refuses', '', true FROM generate_series(1, 1000) n
      """)
  }

  /// The codes in the town's quarantine, oldest first.
  func quarantine() throws -> [String] {
    try #require(
      try database.text(
        "SELECT coalesce(string_agg(code, ',' ORDER BY id), '') FROM huijia.refused")
    ).split(separator: ",").map(String.init)
  }
}

extension SignedBatch {
  /// The batch with one value's bytes in another's place: of sound structure, and signed by nobody.
  fileprivate func replacing(_ old: Value, with new: Value) throws -> SignedBatch {
    func bytes(_ value: Value) -> [UInt8] {
      var writer = ByteWriter()
      writer.value(value)
      return writer.bytes
    }
    let (from, to) = (bytes(old), bytes(new))
    var all = encoded()
    try #require(from.count == to.count)
    let starts = all.indices.dropLast(from.count - 1).filter {
      all[$0..<$0 + from.count].elementsEqual(from)
    }
    let start = try #require(starts.first)
    #expect(starts.count == 1)
    all.replaceSubrange(start..<start + from.count, with: to)
    return try SignedBatch(trusted: all)
  }
}
