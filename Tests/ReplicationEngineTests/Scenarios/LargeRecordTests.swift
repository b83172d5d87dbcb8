import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// Records whose state, with its proofs, is larger than one parcel may be.
@Suite struct LargeRecordTests {
  private static func text(_ mark: String) -> Value {
    .text(String(repeating: mark, count: 60_000))
  }

  private static func values(_ mark: String) -> FieldValues {
    [World.a: text(mark), World.b: text(mark), World.s: text(mark)]
  }

  /// A record that village and county have both filled with long texts, neither knowing of the other's.
  private func disputed() throws -> World {
    let world = World()
    try world.create(world.village111, home: world.village111)
    #expect(world.settle() == [])
    world.network.cut(world.village111, world.town11)
    try world.write(world.village111, Self.values("v"))
    try world.write(world.county1, Self.values("c"))
    return world
  }

  private func isWhole(_ world: World, _ node: NodeID) -> Bool {
    [World.a, World.b, World.s].allSatisfy { world.record(node)[$0].siblings.count == 2 }
  }

  @Test("a large record that moves arrives whole where it belongs now")
  func moves() throws {
    let world = try disputed()
    #expect(world.settle() == [])
    try world.move(world.county1, to: world.village211)
    #expect(world.settle() == [])
    for node in [world.region, world.county2, world.town21, world.village211] {
      #expect(isWhole(world, node), "\(node)")
    }
    #expect(!world.record(world.village111).isHeld)
  }

  @Test("a catch-up by state goes through a large record, be it the first, and ends")
  func catchUp() throws {
    let world = try disputed()
    let empty = world.network.node(world.village112).store.snapshot
    #expect(world.settle() == [])
    try world.move(world.county1, to: world.village112)
    #expect(world.settle() == [])
    world.network.kill(world.village112)
    try world.network.node(world.village112).restore(empty)
    #expect(!world.record(world.village112).isHeld)
    #expect(world.settle() == [])
    #expect(isWhole(world, world.village112))
  }

  @Test("a write of more than a batch holds is sealed as several changes, and takes effect whole")
  func largeWrite() throws {
    let world = World()
    var values = Self.values("w")
    values[SimulationPolicy.residence] = Self.text("r")
    try world.create(world.village111, home: world.village111, values)
    let record = world.record(world.village111)
    #expect(Set(record.registers.flatMap(\.register.dots)).count == 2)
    #expect(world.settle() == [])
    #expect(world.record(world.region)[World.a].isHeld)
    #expect(world.record(world.region).heldFields == record.heldFields)
  }
}
