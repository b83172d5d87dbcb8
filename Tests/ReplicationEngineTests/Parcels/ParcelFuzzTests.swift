import FuzzKit
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing
import SeededRandom

/// Mutated parcels go through the decoder, the signatures and the receiving node: nothing traps, and no value is believed that its author did not sign.
@Suite struct ParcelFuzzTests {
  @Test("no bytes make a node trap, or believe what nobody signed")
  func hostileBytes() throws {
    let world = World()
    let ways = try Self.history(world)
    let signed = Self.values(world)
    var received = 0
    let samples = ways.enumerated().map { ("parcel-\($0.offset)", $0.element.bytes) }
    try Fuzzer("parcels", samples: samples).run { bytes, random in
      guard let parcel = try? UnverifiedParcel(decoding: bytes) else { return .refused }
      #expect(parcel.weight.bytes == UInt64(bytes.count))
      #expect(parcel.weight.fields <= UInt64(bytes.count))
      guard
        let verified = try? parcel.verified(by: world.network.directory, authority: NoAuthority())
      else { return .accepted }
      if verified.parcel.signers.isEmpty { #expect(verified.parcel.encoded() == bytes) }
      let way = ways[Int.random(in: ways.indices, using: &random)]
      if receive(verified, way, random.next()) { received += 1 }
      for record in way.node.store.snapshot.records.values {
        for entry in record.registers {
          for sibling in entry.register.siblings where sibling.dot.replica.node != way.node.id {
            let value = signed[FieldDot(entry.field, sibling.dot)]
            #expect(value == sibling.value, "\(entry.field)")
          }
        }
      }
      return .accepted
    }
    print("\(received) parcels received")
  }

  @Test("no bytes make the decoder of items trap; whatever is taken encodes to the very bytes")
  func items() throws {
    let ways = try Self.history(World())
    var samples: [(String, [UInt8])] = []
    for way in ways {
      guard let parcel = try? UnverifiedParcel(decoding: way.bytes) else { continue }
      for item in parcel.items {
        var writer = ByteWriter()
        writer.item(item)
        samples.append(("item-\(samples.count)", writer.bytes))
      }
    }
    try Fuzzer("items", samples: samples).run { bytes, _ in
      var reader = ByteReader(bytes)
      guard let item = try? reader.item(), reader.isAtEnd else { return .refused }
      var writer = ByteWriter()
      writer.item(item)
      #expect(writer.bytes == bytes)
      return .accepted
    }
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
            to: to, lane: .bulk, after: nil, start: position, maximumBytes: 100_000, tx
          ).parcel,
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

  private func receive(_ parcel: VerifiedParcel, _ way: Way, _ seed: UInt64) -> Bool {
    way.node.store.replace(with: way.before)
    let replicator = way.node.replicator
    let outcome = try? way.node.store.writeNow { tx in
      var random = SplitMix64(seed: seed)
      return try replicator.receive(parcel, from: way.peer, tx, at: Moment(now: 9), using: &random)
    }
    return outcome != nil
  }
}
