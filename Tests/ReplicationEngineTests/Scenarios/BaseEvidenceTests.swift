import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing

/// What a first hop knows of the changes that a base names, when it no longer holds, or never held, these changes themselves.
@Suite struct BaseEvidenceTests {
  /// A value at the village whose base names a change of the region that no tier below the second county ever got.
  private func overwrittenOnTheWay() throws -> World {
    let world = World()
    try world.create(world.village211, home: world.village211, [World.a: .integer(1)])
    #expect(world.settle() == [])
    try world.write(world.region, [World.a: .integer(2)])
    world.send(world.region, world.county2)
    try world.write(world.county2, [World.a: .integer(3)])
    try world.move(world.county2, to: world.village111)
    #expect(world.settle() == [])
    #expect(world.number(world.village111, World.a) == 3)
    for id in [world.town11, world.village111] {
      let replica = Replica(node: world.region, incarnation: 1, lane: .bulk)
      #expect(world.network.node(id).store.snapshot.evidence[replica] == nil, "\(id)")
    }
    return world
  }

  @Test("a write that crosses a withdrawal is relayed, though only the record told what it saw")
  func crossesWithdrawal() throws {
    let world = try overwrittenOnTheWay()
    try world.write(world.village111, [World.a: .integer(4)])
    try world.move(world.county1, to: world.village121)
    world.send(world.county1, world.town11)
    #expect(!world.record(world.town11).isHeld)
    world.send(world.village111, world.town11)
    #expect(world.network.node(world.town11).store.snapshot.quarantine.map(\.detail) == [])
    #expect(world.settle() == [])
    #expect(world.number(world.village121, World.a) == 4)
    #expect(world.number(world.region, World.a) == 4)
  }

  @Test("a write crosses one from a stale form that had not seen what the value before it had seen")
  func crossesStaleForm() throws {
    let world = try overwrittenOnTheWay()
    try world.write(world.village111, [World.a: .integer(4)])
    let value = try #require(world.record(world.county1)[World.a].siblings.first)
    try world.write(
      world.county1, [World.a: .integer(5)],
      seen: [FieldContext(World.a, VersionVector(value.dot))])
    world.send(world.county1, world.town11)
    #expect(world.number(world.town11, World.a) == 5)
    world.send(world.village111, world.town11)
    #expect(world.network.node(world.town11).store.snapshot.quarantine.map(\.detail) == [])
    #expect(world.settle() == [])
    #expect(world.record(world.region)[World.a].siblings.count == 2)
  }
}
