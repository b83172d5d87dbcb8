import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// What the parent says of a record waits for the row, acknowledged, while the record is written here and goes up.
@Suite struct DisplacedTests {
  private func world() throws -> World {
    let world = World(SimulationPolicy(epoch: 1, hasScopes: true))
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    return world
  }

  /// An application holds the record's row while what its parent has comes over, and is acknowledged.
  private func parkNews(_ world: World, _ node: NodeID, from parent: NodeID) {
    world.network.node(node).store.mutate { $0.busy = [world.person] }
    world.send(parent, node)
    world.send(node, parent)
    #expect(world.network.node(node).store.snapshot.parked.count == 1)
    world.network.node(node).store.mutate { $0.busy = [] }
  }

  /// What a node has for its parent, of changes: whether each goes as payload.
  private func changesUp(_ world: World, _ id: NodeID) throws -> [(dot: Dot, isPayload: Bool)] {
    let node = world.network.node(id)
    let parent = try #require(node.replicator.parent)
    let from = node.store.snapshot.links[parent]?.bulk.acknowledged ?? 1
    let projection = try node.store.readNow { tx in
      try node.replicator.project(
        to: parent, lane: .bulk, from: from, maximumBytes: 100_000, maximumEntries: 100, tx)
    }
    return projection.parcel.items.compactMap { item in
      guard case .change(_, let dot, _, let isPayload) = item else { return nil }
      return (dot, isPayload)
    }
  }

  @Test("what was written while its record's withdrawal waited for the row is not refused")
  func writtenWhileWithdrawalWaits() throws {
    let world = try world()
    try world.move(world.county1, to: world.village211)
    parkNews(world, world.department, from: world.county1)
    try world.write(world.department, [World.b: .integer(9)])
    world.send(world.department, world.county1)
    try world.retryParked(world.department)
    #expect(world.settle() == [])
    #expect(world.network.node(world.county1).store.snapshot.quarantine.isEmpty)
    #expect(!world.record(world.department).isHeld)
    #expect(world.number(world.village211, World.b) == 9)
  }

  @Test("what a child wrote goes up as it came, whatever waits here for the record")
  func relayedGoesAsItCame() throws {
    let world = try world()
    try world.write(world.village111, [World.a: .integer(2)])
    world.send(world.village111, world.town11)
    try world.move(world.county1, to: world.village211)
    parkNews(world, world.town11, from: world.county1)
    try world.write(world.town11, [World.b: .integer(9)])
    let changes = try changesUp(world, world.town11)
    #expect(changes.map(\.dot.replica.node) == [world.village111, world.town11])
    #expect(changes.map(\.isPayload) == [false, true])
    try world.retryParked(world.town11)
    #expect(world.settle() == [])
    #expect(world.number(world.village211, World.b) == 9)
    #expect(world.number(world.village211, World.a) == 2)
  }

  @Test("a change that waits and moves nothing makes no payload of what is written meanwhile")
  func plainChangeWaits() throws {
    let world = try world()
    try world.write(world.county1, [World.a: .integer(2)])
    parkNews(world, world.town11, from: world.county1)
    try world.write(world.town11, [World.b: .integer(9)])
    #expect(try changesUp(world, world.town11).map(\.isPayload) == [false])
    try world.retryParked(world.town11)
    #expect(world.settle() == [])
    #expect(world.number(world.village111, World.b) == 9)
  }

  @Test("a rival's claim of the home that waits counts as a move")
  func claimWaits() throws {
    let world = try world()
    // A change of the home that shows no other home: it comes as a change.
    try world.write(
      world.county1, [World.home: .text(world.village111.code.description), World.a: .integer(2)])
    parkNews(world, world.department, from: world.county1)
    try world.write(world.department, [World.b: .integer(9)])
    #expect(try changesUp(world, world.department).map(\.isPayload) == [true])
    try world.retryParked(world.department)
    #expect(world.settle() == [])
    #expect(world.number(world.village111, World.b) == 9)
  }
}
