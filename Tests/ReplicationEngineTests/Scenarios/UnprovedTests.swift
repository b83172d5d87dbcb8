import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing
import SeededRandom

/// Values that stand in a node's database and that no kept batch proves.
@Suite struct UnprovedTests {
  /// A record of village 111 that everybody holds.
  private func shared() throws -> World {
    let world = World()
    try world.create(
      world.village111, home: world.village111, [World.a: .integer(1), World.b: .integer(1)])
    #expect(world.settle() == [])
    return world
  }

  /// Puts a value into a database by hand, under a dot that was never made.
  private func invent(
    _ world: World, at node: NodeID, _ field: FieldID, by author: NodeID? = nil
  ) {
    let author = author ?? world.village211
    let dot = Dot(Replica(node: author, incarnation: 1, lane: .bulk), 900)
    let value = Sibling(
      dot: dot, value: .integer(9), rank: 0, time: 1, base: VersionVector(), side: .own)
    world.network.node(node).store.mutate { state in
      state.records[world.person]?[field] = Register([value])
    }
  }

  @Test("a value without its proof does not end the link: the rest of the record goes")
  func linkGoesOn() throws {
    let world = try shared()
    invent(world, at: world.town11, World.a)
    try world.write(world.village111, [World.b: .integer(2)])
    try world.move(world.village111, to: world.village112)
    _ = world.settle()
    #expect(world.network.faults.map(\.description) == [])
    #expect(world.number(world.region, World.b) == 2)
    #expect(world.number(world.village112, World.b) == 2)
    #expect(world.number(world.region, World.a) == 1)
  }

  @Test("what is left out for want of a proof is told of, by its record")
  func leftOutIsTold() throws {
    let world = try shared()
    let town = world.network.node(world.town11)
    func told() throws -> Set<RecordRef> {
      try town.store.readNow { [replicator = town.replicator] tx in
        try replicator.catchUp(
          to: world.county1, lane: .bulk, after: nil, start: 1, maximumBytes: 100_000, tx
        ).unproved
      }
    }
    #expect(try told() == [])
    invent(world, at: world.town11, World.a)
    #expect(try told() == [world.person])
  }

  /// Asks a node to set aside what it cannot prove of the record, of which `peer` says that it holds nothing; returns how many values went.
  private func setAside(
    _ world: World, at id: NodeID, for peer: NodeID, isMoving: Bool = false
  ) throws -> Int {
    let node = world.network.node(id)
    let nothing = RecordDetail(ref: world.person, isMoving: isMoving, share: LinkShare())
    let now = Moment(now: world.network.now)
    let replicator = node.replicator
    return try node.store.writeNow { tx in
      var random = SplitMix64(seed: 1)
      return try replicator.setAside([nothing], from: peer, tx, at: now, using: &random)
    }
  }

  @Test("what stands in a node's database under its own name stays, proof or not")
  func ownStays() throws {
    let world = try shared()
    invent(world, at: world.village111, World.a, by: world.village111)
    let before = world.record(world.village111)
    #expect(try setAside(world, at: world.village111, for: world.town11) == 0)
    #expect(world.record(world.village111) == before)
  }

  @Test("what has its proof stays, whatever the peer says that it holds")
  func provedStays() throws {
    let world = try shared()
    let before = world.record(world.town11)
    #expect(try setAside(world, at: world.town11, for: world.village111) == 0)
    #expect(world.record(world.town11) == before)
    invent(world, at: world.town11, World.a)
    #expect(try setAside(world, at: world.town11, for: world.village111, isMoving: true) == 0)
    #expect(try setAside(world, at: world.town11, for: world.village111) == 1)
    #expect(world.record(world.town11)[World.b] == before[World.b])
    #expect(!world.record(world.town11)[World.a].isHeld)
  }
}
