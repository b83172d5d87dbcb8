import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing

/// What a node notes of what came home.
@Suite struct ArrivalTests {
  private func arrivals(_ world: World, _ node: NodeID) -> [Arrival] {
    world.network.node(node).store.snapshot.arrivals
  }

  @Test("an edit by a higher tier comes home once, with its author; the own writes do not")
  func edit() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111) == [])
    try world.write(world.county1, [World.a: .integer(2), World.b: .integer(3)])
    try world.write(world.department, [World.s: .integer(4)])
    #expect(world.settle() == [])
    let found = arrivals(world, world.village111)
    #expect(found.map(\.kind) == [.edit, .edit])
    #expect(found.map(\.fields) == [[World.a, World.b], [World.s]])
    #expect(found.map(\.dot.replica.node) == [world.county1, world.department])
    #expect(found.allSatisfy { $0.actor == "test" && $0.peer == world.town11 && $0.time > 0 })
    // Going up is no homecoming; the town's own parent sent it the county's and the department's edits.
    #expect(arrivals(world, world.region) == [])
    #expect(arrivals(world, world.town11).count == 2)
    // To the department the resident is new, and no more at home than any other; the county's edit is news.
    #expect(arrivals(world, world.department).map(\.kind) == [.edit])
  }

  @Test("a value that changes nothing shown is not noted; a deletion is")
  func unshownAndDeleted() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    try world.write(world.county1, [World.a: .integer(1)])
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111) == [])
    try world.delete(world.county1)
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111).map(\.kind) == [.deleted])
    #expect(arrivals(world, world.village111).map(\.fields) == [[.alive]])
  }

  @Test("a record that moves away takes its entries with it, and is new where it comes to")
  func moved() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    try world.write(world.county1, [World.b: .integer(2)])
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111).count == 1)
    try world.move(world.village111, to: world.village121)
    #expect(world.settle() == [])
    #expect(!world.record(world.village111).isHeld)
    #expect(arrivals(world, world.village111) == [])
    let found = arrivals(world, world.village121)
    #expect(Set(found.map(\.kind)) == [.new])
    #expect(
      found.reduce(FieldSet()) { $0.union($1.fields) } == [World.home, World.a, World.b])
  }

  @Test("who registered a key that another registered earlier is told that the record left")
  func rivalRegistration() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    try world.create(world.village211, home: world.village211, [World.a: .integer(2)])
    #expect(world.settle() == [])
    #expect(!world.record(world.village211).isHeld)
    let found = arrivals(world, world.village211)
    #expect(found.map(\.kind) == [.left] && found.map(\.fields) == [[.alive]])
    #expect(found.map(\.dot.replica.node) == [world.village211])
    #expect(found.map(\.peer) == [world.town21])
    // The winner has nothing to be told; who only relays did not register it.
    #expect(arrivals(world, world.village111).allSatisfy { $0.kind != .left })
    #expect(arrivals(world, world.county2).allSatisfy { $0.kind != .left })
  }

  @Test("and so is a village whose record a node above moved to another")
  func takenAway() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    try world.move(world.county1, to: world.village121)
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111).map(\.kind) == [.left])
    #expect(arrivals(world, world.village111).first?.dot.replica.node == world.village111)
  }

  @Test("a field that a scope takes away leaves no entry behind")
  func fieldLost() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    try world.write(world.county1, [World.a: .integer(2), World.b: .integer(2)])
    #expect(world.settle() == [])
    let narrow = SimulationPolicy.all.subtracting([World.a])
    try world.changePolicy(
      SimulationPolicy(
        epoch: 2, region: SimulationPolicy.all, department: SimulationPolicy.all,
        elsewhere: SimulationPolicy.all, village: narrow, hasGate: false))
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111).map(\.fields) == [[World.b]])
  }

  @Test("all that a village had comes back after its disk was lost, whoever wrote it")
  func lostDisk() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    try world.write(world.county1, [World.b: .integer(2)])
    #expect(world.settle() == [])
    let village = world.network.node(world.village111)
    world.network.kill(world.village111)
    var lost = MemoryState()
    lost.links[world.town11] = LinkState()
    try village.restore(lost)
    #expect(world.settle() == [])
    #expect(world.number(world.village111, World.a) == 1)
    let found = arrivals(world, world.village111)
    #expect(Set(found.map(\.kind)) == [.returned])
    #expect(Set(found.map(\.dot.replica.node)) == [world.village111, world.county1])
    try world.write(world.county1, [World.b: .integer(3)])
    #expect(world.settle() == [])
    #expect(arrivals(world, world.village111).last?.kind == .edit)
  }
}
