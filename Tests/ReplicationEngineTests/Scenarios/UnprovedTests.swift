import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing

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
  private func invent(_ world: World, at node: NodeID, _ field: FieldID) {
    let dot = Dot(Replica(node: world.village211, incarnation: 1, lane: .bulk), 900)
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

  @Test("what has its proof stays, whatever the peer says that it holds")
  func provedStays() throws {
    let world = try shared()
    let node = world.network.node(world.town11)
    let before = world.record(world.town11)
    let (person, peer, replicator) = (world.person, world.village111, node.replicator)
    func ask(isMoving: Bool) throws -> Int {
      let nothing = RecordDetail(ref: person, isMoving: isMoving, share: LinkShare())
      let now = Moment(now: world.network.now)
      var random = SplitMix64(seed: 1)
      let (gone, used) = try node.store.writeNow { tx in
        var draw = random
        return (try replicator.setAside([nothing], from: peer, tx, at: now, using: &draw), draw)
      }
      random = used
      return gone
    }
    #expect(try ask(isMoving: false) == 0)
    #expect(world.record(world.town11) == before)
    invent(world, at: world.town11, World.a)
    #expect(try ask(isMoving: true) == 0)
    #expect(try ask(isMoving: false) == 1)
    #expect(world.record(world.town11)[World.b] == before[World.b])
    #expect(!world.record(world.town11)[World.a].isHeld)
  }
}
