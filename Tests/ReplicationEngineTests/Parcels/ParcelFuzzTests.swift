import Glibc
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// Mutated parcels go through the decoder, the signatures and the receiving node: nothing traps, and no value is believed that its author did not sign.
@Suite struct ParcelFuzzTests {
  /// Seconds: `HUIJIA_FUZZ_SECONDS` (2). Seed: `HUIJIA_FUZZ_SEED`; printed, so that a crash can be replayed.
  @Test("no bytes make a node trap, or believe what nobody signed")
  func hostileBytes() throws {
    let seconds = Self.variable("HUIJIA_FUZZ_SECONDS").flatMap { Double($0) } ?? 2
    let seed =
      Self.variable("HUIJIA_FUZZ_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)
    print("parcels fuzzed for \(seconds) s with HUIJIA_FUZZ_SEED=\(seed)")
    var rng = SplitMix64(seed: seed)
    let world = World()
    let ways = try Self.history(world)
    let signed = Self.values(world)
    let corpus = ways.map(\.bytes)
    let end = ContinuousClock().now + .seconds(seconds)
    var rounds = 0
    var sound = 0
    var received = 0
    while ContinuousClock().now < end || rounds < 100 {
      rounds += 1
      let way = ways[Int.random(in: ways.indices, using: &rng)]
      let bytes = mutated(way.bytes, corpus, &rng)
      guard let parcel = try? UnverifiedParcel(decoding: bytes) else { continue }
      sound += 1
      guard
        let verified = try? parcel.verified(by: world.network.directory, authority: NoAuthority())
      else { continue }
      if verified.parcel.signers.isEmpty { #expect(verified.parcel.encoded() == bytes) }
      if receive(verified, way, &rng) { received += 1 }
      for record in way.node.store.snapshot.records.values {
        for entry in record.registers {
          for sibling in entry.register.siblings where sibling.dot.replica.node != way.node.id {
            let value = signed[FieldDot(entry.field, sibling.dot)]
            #expect(value == sibling.value, "HUIJIA_FUZZ_SEED=\(seed): \(entry.field)")
          }
        }
      }
    }
    print("\(rounds) inputs, \(sound) of sound structure, \(received) received")
    #expect(sound > 0 && sound < rounds)
  }

  /// An encoded parcel and the node that it is for, as it stood before.
  private struct Way {
    let bytes: [UInt8]
    let peer: NodeID
    let node: SimulatedNode
    let before: MemoryState
  }

  /// Records created, changed at three tiers, moved and deleted: what every link carried, as entries and as catch-ups.
  private static func history(_ world: World) throws -> [Way] {
    var ways: [Way] = []
    func note(_ from: NodeID, _ to: NodeID) throws {
      let sender = world.network.node(from)
      let before = world.network.node(to).store.snapshot
      let position = before.links[from]?.bulk.received ?? 1
      let parcels = try sender.store.readNow { [replicator = sender.replicator] tx in
        [
          try replicator.project(
            to: to, lane: .bulk, from: position, maximumBytes: 100_000, maximumEntries: 100, tx
          ).parcel,
          try replicator.catchUp(
            to: to, lane: .bulk, after: nil, start: position, maximumBytes: 100_000, tx),
        ]
      }
      let policy = SimulationPolicy(epoch: 1)
      let node = SimulatedNode(
        id: to, parent: World.tree.parents[to], policy: policy, shelf: MemoryShelf([policy]))
      for parcel in parcels {
        ways.append(Way(bytes: parcel.encoded(), peer: from, node: node, before: before))
      }
    }
    func send(_ from: NodeID, _ to: NodeID) throws {
      try note(from, to)
      world.send(from, to)
    }
    try world.create(
      world.village111, home: world.village111, [World.a: .text("王𠮷"), World.b: .integer(2)])
    try send(world.village111, world.town11)
    try world.write(world.village111, [World.s: .bytes([1, 2, 3])])
    try send(world.village111, world.town11)
    try send(world.town11, world.county1)
    try world.write(world.county1, [World.a: .integer(4)])
    try world.write(world.village111, [World.a: .integer(5)])
    try send(world.village111, world.town11)
    try send(world.county1, world.town11)
    try send(world.town11, world.county1)
    try world.move(world.county1, to: world.village112)
    try send(world.county1, world.town11)
    try send(world.town11, world.village111)
    try world.delete(world.county1)
    try send(world.county1, world.region)
    return ways
  }

  /// Everything that any node signed.
  private static func values(_ world: World) -> [FieldDot: Value] {
    var values: [FieldDot: Value] = [:]
    for node in world.network.nodes.values {
      for batch in node.store.snapshot.batches.values.joined() {
        for change in batch.changes {
          for write in change.writes { values[FieldDot(write.field, change.dot)] = write.value }
        }
      }
    }
    return values
  }

  private func receive(_ parcel: VerifiedParcel, _ way: Way, _ rng: inout SplitMix64) -> Bool {
    way.node.store.replace(with: way.before)
    var draw = rng
    let replicator = way.node.replicator
    let outcome = try? way.node.store.writeNow { tx in
      try replicator.receive(parcel, from: way.peer, tx, at: Moment(now: 9), using: &draw)
    }
    rng = draw
    return outcome != nil
  }

  private func mutated(
    _ original: [UInt8], _ corpus: [[UInt8]], _ rng: inout SplitMix64
  ) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &rng) where !bytes.isEmpty {
      // Items come first: half of the mutations go where no signature looks.
      let limit = rng.chance(0.5) ? min(160, bytes.count) : bytes.count
      let place = Int.random(in: 0..<limit, using: &rng)
      switch Int.random(in: 0..<6, using: &rng) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &rng)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &rng), at: place)
      case 3: bytes.remove(at: place)
      case 4: bytes.removeLast(bytes.count - place)
      default:
        let other = corpus[Int.random(in: corpus.indices, using: &rng)]
        let from = Int.random(in: other.indices, using: &rng)
        bytes.replaceSubrange(place..., with: other[from...])
      }
    }
    return bytes
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
