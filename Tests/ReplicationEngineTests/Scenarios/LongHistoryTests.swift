import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing
import SeededRandom

/// What only long random histories met, told in a few steps.
@Suite struct LongHistoryTests {
  @Test("a value that waited for a locked row and came to nothing is erased with the rest")
  func waitedForNothing() throws {
    let world = World()
    try world.create(world.village111, home: world.village111)
    try world.write(world.village111, [World.b: .integer(5)])
    try world.write(world.village111, [World.b: .integer(6)])
    // The state that comes first has the last value; its base names the second write, and nothing the first.
    try world.write(world.village111, [World.b: .integer(7)])
    let town = world.network.node(world.town11)
    town.store.mutate { _ = $0.busy.insert(world.person) }
    world.send(world.village111, world.town11)
    #expect(town.store.snapshot.parked.count == 4)
    town.store.mutate { $0.busy = [] }
    try retry(town)
    #expect(world.settle() == [])
    #expect(world.number(world.town11, World.b) == 7)
    _ = try town.store.writeNow { tx in
      try town.replicator.trim(tx, maximumKept: .max, limit: 1000)
    }
    let kept = town.store.snapshot.batches.values.joined().flatMap(\.changes).flatMap(\.writes)
    #expect(kept.contains { $0.value == .integer(7) })
    #expect(!kept.contains { [.integer(5), .integer(6)].contains($0.value) })
  }

  @Test("a county that slept through two policies gives back what its region gave up in between")
  func skippedPolicy() throws {
    let world = World()
    try world.create(
      world.village211, home: world.village211, [World.a: .integer(1), World.b: .integer(2)])
    #expect(world.settle() == [])
    world.network.cut(world.county2, world.region)
    let narrow = SimulationPolicy.all.subtracting([World.b])
    try world.changePolicy(
      SimulationPolicy(
        epoch: 2, region: narrow, department: SimulationPolicy.all,
        elsewhere: SimulationPolicy.all, village: SimulationPolicy.all, hasGate: false))
    #expect(world.number(world.region, World.b) == nil)
    try world.changePolicy(SimulationPolicy(epoch: 3))
    try world.network.adopt(3, at: world.county2, from: .link(world.region))
    #expect(world.settle() == [])
    #expect(world.number(world.region, World.b) == 2)
  }

  private func retry(_ node: SimulatedNode) throws {
    _ = try node.store.writeNow { tx in
      var rng = SplitMix64(seed: 1)
      return try node.replicator.retryParked(tx, limit: 100, at: Moment(now: 9), using: &rng)
    }
  }
}
