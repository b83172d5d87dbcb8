import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// How a new record travels: upwards as the change that made it, elsewhere and later as a state.
@Suite struct CreationTests {
  private func items(_ world: World, _ from: NodeID, _ to: NodeID) throws -> [Item] {
    let replicator = world.network.node(from).replicator
    return try world.network.node(from).store.readNow { tx in
      try replicator.project(
        to: to, lane: .bulk, from: 1, maximumBytes: 100_000, maximumEntries: 100, tx
      ).parcel.items
    }
  }

  private func isChange(_ item: Item?) -> Bool {
    if case .change(_, _, _, payload: false) = item { true } else { false }
  }

  private func isState(_ item: Item?) -> Bool {
    if case .state(_, _, _, payload: false) = item { true } else { false }
  }

  @Test("a new record goes up as its change, hop by hop, and down as a state")
  func upAndDown() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(isChange(try items(world, world.village111, world.town11).first))
    #expect(world.settle() == [])
    #expect(isChange(try items(world, world.town11, world.county1).first))

    let other = World()
    try other.create(other.county1, home: other.village111, [World.a: .integer(1)])
    #expect(isState(try items(other, other.county1, other.town11).first))
    #expect(other.settle() == [])
    #expect(other.number(other.village111, World.a) == 1)
  }

  @Test("a new record that was written again before it went up goes as its changes, in their order")
  func writtenAgain() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    try world.write(world.village111, [World.a: .integer(2)])
    let sent = try items(world, world.village111, world.town11)
    #expect(sent.count == 2 && sent.allSatisfy(isChange))
    #expect(world.settle() == [])
    #expect(world.number(world.county1, World.a) == 2)
  }

  @Test("behind a gate a new record goes as a state: of what is released")
  func gated() throws {
    let world = World(SimulationPolicy(epoch: 1, hasGate: true))
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    #expect(isState(try items(world, world.county1, world.region).first))
    #expect(world.number(world.region, World.a) == nil)
  }
}
