import ReplicationCore
import SignedFeed
import Testing
import SeededRandom

/// A village that seals, and a directory that knows its key.
struct Fixture: KeyDirectory {
  let signer = Ed25519Signer()
  let replica: Replica
  var known: SignerKey
  /// Nodes that mask.
  var maskers: [SignerKey] = []

  init() throws {
    let node = try #require(NodeID("450103001005"))
    replica = Replica(node: node, incarnation: 1, lane: .bulk)
    known = SignerKey(node: node, key: signer.publicKey)
  }

  func key(_ fingerprint: Digest) -> SignerKey? {
    ([known] + maskers).first { $0.key.fingerprint == fingerprint }
  }

  /// A change of the village's own writes.
  func change(
    _ index: UInt64, _ writes: [FieldWrite], key: String = "person", actor: String = "li"
  ) -> Change {
    Change(
      dot: Dot(replica, index), ref: RecordRef(LedgerID(1), key), writes: writes,
      time: 1_767_225_600_000_000, actor: actor, cause: .write)
  }

  func seal(
    _ changes: [Change], order: [String]? = nil, seed: UInt64 = 1, previous: Digest = .zero
  ) throws -> SignedBatch {
    var rng = SplitMix64(seed: seed)
    return try SignedBatch.seal(
      changes, order: order ?? changes.map { _ in "450103001005" }, previous: previous,
      policyEpoch: 1, catalogEpoch: 1, time: 1_767_225_601_000_000, isAdjusted: false,
      signer: signer, using: &rng)
  }

  /// Takes a batch's bytes as a receiver does.
  func receive(_ bytes: [UInt8]) throws(FeedError) -> SignedBatch {
    var reader = ByteReader(bytes)
    let batch = try UnverifiedBatch(decoding: &reader)
    try reader.finish()
    return try batch.verified(by: self)
  }

  /// Random changes, each of some fields with some bases.
  func randomChanges(
    _ count: Int, first: UInt64 = 1, _ rng: inout SplitMix64
  ) throws -> [Change] {
    let county = try #require(NodeID("450103000000/civil-affairs"))
    let other = Replica(node: county, incarnation: 2, lane: .urgent)
    return (0..<UInt64(count)).map { i in
      let bases = [
        VersionVector(), VersionVector(Dot(other, 1 + i)),
        VersionVector(Dot(other, 3)).joined(Dot(replica, 1)),
      ]
      var writes: [FieldWrite] = []
      for field in FieldSet(bits: rng.next() & 0x0F0F | 1).members {
        let base = first + i > 1 ? bases[Int.random(in: 0..<3, using: &rng)] : bases[0]
        writes.append(
          FieldWrite(
            field: field, value: Self.value(&rng), rank: UInt8.random(in: 0...9, using: &rng),
            base: base))
      }
      return change(first + i, writes, key: "person \(i % 5)")
    }
  }

  static func value(_ rng: inout SplitMix64) -> Value {
    switch UInt8.random(in: 0..<10, using: &rng) {
    case 0: .null
    case 1: .bool(Bool.random(using: &rng))
    case 2: .integer(Int64.random(in: .min ... .max, using: &rng))
    case 3: .decimal("\(Int.random(in: 1...999, using: &rng)).50")
    case 4: .text("name \u{20BB7}\u{E000} \(UInt16.random(in: 0...999, using: &rng))")
    case 5: .date(Int32.random(in: -10000...10000, using: &rng))
    case 6: .timestamp(Int64.random(in: 0...1_767_225_600_000_000, using: &rng))
    case 7: .uuid(rng.next(), rng.next())
    case 8: .bytes([1, 2, 3])
    default: .json("{\"a\":1}")
    }
  }

  /// A random part of what a batch shows.
  static func part(
    of batch: SignedBatch, _ rng: inout SplitMix64
  ) -> [UInt64: FieldSet] {
    var part: [UInt64: FieldSet] = [:]
    for (index, fields) in batch.shown where rng.next() % 3 > 0 {
      part[index] = rng.next() % 4 == 0 ? fields : FieldSet(bits: fields.bits & rng.next())
    }
    return part
  }
}

extension [Change] {
  /// What is left when only these fields of these changes are shown.
  func keeping(_ shown: [UInt64: FieldSet]) -> [Change] {
    compactMap { change in
      var change = change
      change.writes.removeAll { shown[change.dot.index]?.contains($0.field) != true }
      return change.writes.isEmpty ? nil : change
    }
  }
}

extension [UInt8] {
  /// Whether some bytes stand anywhere in these.
  func contains(run: [UInt8]) -> Bool {
    guard let first = run.first, run.count <= count else { return run.isEmpty }
    for i in 0...(count - run.count) where self[i] == first {
      if self[i..<i + run.count].elementsEqual(run) { return true }
    }
    return false
  }
}
