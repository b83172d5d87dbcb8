import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

@Suite("The hand-over archive")
struct HandoverTests {
  /// The region may hold one field of three.
  private static let narrow = SimulationPolicy(
    epoch: 1, region: SimulationPolicy.ungated.union([World.a]), department: SimulationPolicy.all,
    elsewhere: SimulationPolicy.all, village: SimulationPolicy.all, hasGate: false)

  private func world(_ policy: SimulationPolicy = Self.narrow) throws -> World {
    let world = World(policy)
    try world.network.tellHandoverKeys()
    return world
  }

  private func open(_ world: World, _ node: NodeID) -> [HandoverItem] {
    world.network.node(node).store.snapshot.archive.filter { $0.content != .settled }
  }

  /// Every node asks, tier by tier, until nobody has anything new to learn.
  private func ask(_ world: World) {
    for _ in 0..<4 { for id in World.tree.nodes { world.network.inquire(id) } }
  }

  @Test("a move inside a county leaves nothing in any archive")
  func insideCounty() throws {
    let world = try world()
    try world.create(
      world.village111, home: world.village111,
      [World.a: .integer(1), World.b: .integer(2), World.s: .integer(3)])
    #expect(world.settle() == [])
    try world.move(world.county1, to: world.village121)
    #expect(world.settle() == [])
    #expect(!open(world, world.village111).isEmpty)
    ask(world)
    for id in World.tree.nodes { #expect(open(world, id) == [], "\(id)") }
  }

  @Test(
    "a move between counties leaves at the old county just what their common ancestor may not see")
  func betweenCounties() throws {
    let world = try world()
    try world.create(
      world.village111, home: world.village111,
      [World.a: .integer(1), World.b: .integer(2), World.s: .integer(3)])
    #expect(world.settle() == [])
    try world.move(world.county1, to: world.village211)
    #expect(world.settle() == [])
    ask(world)
    for id in World.tree.nodes where id != world.county1 { #expect(open(world, id) == [], "\(id)") }
    let rest = open(world, world.county1)
    #expect(rest.flatMap(\.payload).map(\.field) == [World.b, World.s])
    #expect(rest.first?.movedTo == world.village211.code)
  }

  @Test("what a village wrote while it was cut off is asked for through a town that never held it")
  func writtenWhileCut() throws {
    let world = try world()
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    world.network.cut(world.village111, world.town11)
    try world.write(world.village111, [World.a: .integer(2), World.b: .integer(9)])
    try world.move(world.county1, to: world.village121)
    #expect(world.settle() == [])
    #expect(world.number(world.village121, World.b) == 9)
    ask(world)
    for id in World.tree.nodes { #expect(open(world, id) == [], "\(id)") }
  }

  @Test("only who has held a value hears of it, and only in fields that it may hold")
  func noOracle() throws {
    let world = try world()
    try world.create(
      world.village111, home: world.village111, [World.a: .integer(1), World.b: .integer(2)])
    #expect(world.settle() == [])
    let dot = try #require(world.record(world.village111)[World.a].dots.first)
    let batches = try world.network.node(world.village111).store.readNow {
      try $0.batches(containing: [dot])
    }
    let proof = try #require(batches.first?.possession(of: dot.index, World.a))
    func isSafe(
      _ child: NodeID, at parent: NodeID, _ field: FieldID, _ proof: Digest, vouched: Bool = true
    ) throws -> Bool {
      let question = HandoverInquiry.Question(
        field: field, dot: dot, proof: proof, isVouched: vouched)
      let inquiry = HandoverInquiry(id: 1, groups: [.init(world.person, [question])])
      return try world.network.answer(inquiry, of: child, at: parent).isSafe == [true]
    }
    let wrong = Digest(hashing: [1])
    // The town's other village never held it, and guesses the very dot.
    #expect(try !isSafe(world.village112, at: world.town11, World.a, wrong))
    #expect(try isSafe(world.village112, at: world.town11, World.a, proof))
    // The author knows that it wrote; a county that passes a guess on does not stand for it.
    #expect(try isSafe(world.village111, at: world.town11, World.a, wrong))
    #expect(try !isSafe(world.county2, at: world.region, World.a, wrong))
    #expect(try !isSafe(world.county1, at: world.region, World.a, wrong, vouched: false))
    #expect(try isSafe(world.county1, at: world.region, World.a, proof, vouched: false))
    // The region holds nothing of the other field, whoever asks.
    #expect(try !isSafe(world.county1, at: world.region, World.b, proof))
  }

  @Test("a field that the asker may not hold is never answered")
  func hiddenField() throws {
    let world = try world(
      SimulationPolicy(
        epoch: 1, region: SimulationPolicy.all, department: SimulationPolicy.ungated,
        elsewhere: SimulationPolicy.ungated, village: SimulationPolicy.all, hasGate: false))
    try world.create(world.village111, home: world.village111, [World.a: .integer(1)])
    #expect(world.settle() == [])
    let dot = try #require(world.record(world.village111)[World.a].dots.first)
    let batches = try world.network.node(world.county1).store.readNow {
      try $0.batches(containing: [dot])
    }
    let proof = try #require(batches.first?.possession(of: dot.index, World.a))
    let inquiry = HandoverInquiry(
      id: 1,
      groups: [
        .init(world.person, [.init(field: World.a, dot: dot, proof: proof, isVouched: true)])
      ])
    let answer = try world.network.answer(inquiry, of: world.department, at: world.county1)
    #expect(answer.isSafe == [false])
  }

  @Test("without the parent's key values wait in plain, and are sealed when it comes")
  func keyComesLate() throws {
    let world = World(Self.narrow)
    try world.create(
      world.village111, home: world.village111, [World.a: .integer(1), World.b: .integer(2)])
    #expect(world.settle() == [])
    try world.move(world.county1, to: world.village211)
    #expect(world.settle() == [])
    let county = world.network.node(world.county1)
    func plain() throws -> Int {
      try county.store.readNow { try $0.archived(.plain(limit: 100)).count }
    }
    #expect(try plain() == 2)
    try world.network.tellHandoverKeys()
    let sealed = try county.store.writeNow { [replicator = county.replicator] tx in
      try replicator.sealArchive(limit: 100, tx)
    }
    #expect(sealed == 2)
    #expect(try plain() == 0)
    ask(world)
    #expect(open(world, world.county1).flatMap(\.payload).map(\.field) == [World.b])
  }
}
