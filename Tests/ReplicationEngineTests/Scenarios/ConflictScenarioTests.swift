import ReplicationCore
import ReplicationTestKit
import Testing

/// Conflicts over several nodes: the same everywhere, closed by a write that saw all.
@Suite struct ConflictScenarioTests {
  private func conflicts(_ world: World, _ node: NodeID) -> [Conflict] {
    world.record(node).conflicts(routing: [World.home])
  }

  private func line(_ world: World) -> [NodeID] {
    [world.region, world.county1, world.town11, world.village111]
  }

  @Test(
    "a deletion meets an unseen edit: one pending conflict at every node, until somebody writes or deletes"
  )
  func revivalIsPending() throws {
    for isDeleted in [true, false] {
      let world = World()
      try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
      #expect(world.settle() == [])
      world.network.cut(world.town11, world.county1)
      try world.delete(world.county1)
      try world.write(world.village111, [World.a: .integer(2)])
      #expect(world.settle() == [])
      for node in line(world) {
        let found = conflicts(world, node)
        #expect(found.map(\.field) == [.alive] && found.first?.kind == .pending, "\(node)")
        #expect(
          found.first?.siblings.map(\.dot) == conflicts(world, world.region)[0].siblings.map(\.dot))
        #expect(world.number(node, World.a) == 2)
      }
      // From anywhere, by anybody who may create and delete the record.
      if isDeleted {
        try world.delete(world.county1)
      } else {
        try world.write(world.village111, [World.b: .integer(3)])
      }
      #expect(world.settle() == [])
      for node in line(world) {
        #expect(conflicts(world, node) == [], "\(node)")
        #expect(world.record(node).isDeleted == isDeleted)
      }
    }
  }

  @Test("a stale form: the value that came in between stays beside the new one")
  func staleForm() throws {
    let world = World()
    try world.create(
      world.village111, home: world.village111, [World.a: .integer(1), World.b: .integer(1)])
    #expect(world.settle() == [])
    let form = world.contexts(world.village111)
    try world.write(world.county1, [World.a: .integer(2)])
    #expect(world.settle() == [])
    #expect(world.number(world.village111, World.a) == 2)
    try world.write(world.village111, [World.a: .integer(3), World.b: .integer(3)], seen: form)
    #expect(world.settle() == [])
    for node in line(world) {
      let found = conflicts(world, node)
      #expect(found.map(\.field) == [World.a])
      #expect(found.first.map { Set($0.siblings.map(\.value)) } == [.integer(2), .integer(3)])
      #expect(world.record(node)[World.b].siblings.map(\.value) == [.integer(3)])
    }
    try world.write(world.county1, [World.a: .integer(4)])
    #expect(world.settle() == [])
    for node in line(world) { #expect(conflicts(world, node) == []) }
  }

  @Test("a stale deletion does not hide what came in between")
  func staleDeletion() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    let form = world.contexts(world.village111)
    try world.write(world.county1, [World.a: .integer(2)])
    #expect(world.settle() == [])
    try world.delete(world.village111, seen: form)
    #expect(world.settle() == [])
    for node in line(world) {
      #expect(!world.record(node).isDeleted && world.number(node, World.a) == 2)
      #expect(conflicts(world, node).map(\.field) == [.alive])
    }
  }

  @Test("a token claims nothing: what it names beyond what the node holds does not count")
  func inventedToken() throws {
    let world = World()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    world.network.cut(world.town11, world.county1)
    try world.write(world.county1, [World.a: .integer(2)])
    let county = world.record(world.county1)[World.a].context
    try world.write(
      world.village111, [World.a: .integer(3)],
      seen: [
        FieldContext(
          World.a,
          county.joined(Dot(Replica(node: world.county1, incarnation: 1, lane: .bulk), 1000)))
      ])
    #expect(world.settle() == [])
    for node in line(world) {
      #expect(conflicts(world, node).map(\.field) == [World.a])
      #expect(world.record(node)[World.a].siblings.count == 2)
    }
  }
}
