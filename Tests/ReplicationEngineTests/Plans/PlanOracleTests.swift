import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SeededRandom
import SignedFeed
import Testing

/// A plan of the simulation's tree, and what came of the policy when it was put in force.
@Suite("What a plan foretells comes true")
struct PlanOracleTests {
  private static let tree = SimulationTree()

  /// What a table shows: of each record the fields with a value; a record that is not shown is not there.
  private typealias Tables = [NodeID: [RecordRef: FieldSet]]

  @Test(
    "Each node gains and loses just what was counted, whatever the two policies", arguments: 0..<80
  )
  func exact(_ seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let old = TierPolicy(epoch: 1, &rng)
    let new = TierPolicy(epoch: 2, &rng)
    let network = SimulatedNetwork(tree: Self.tree, policy: old, seed: seed)
    try write(network, old, &rng)
    let before = tables(network)
    let planned = try plan(network, old, new)

    network.shelf.add(new)
    try network.adopt(2, at: Self.tree.region, from: .own)
    settle(network)
    let after = tables(network)
    #expect(network.faults.map(\.description) == [])
    for node in Self.tree.nodes {
      let told = planned.filter { $0.key.receiver == node }.values
        .reduce(into: PlanTally()) { $0.add($1) }
      let came = difference(before[node] ?? [:], after[node] ?? [:])
      #expect(
        told.gained == came.gained && told.lost == came.lost,
        "\(node), seed \(seed): \(told) \(came)")
      for field in TierPolicy.routing + TierPolicy.data {
        let (a, b) = (told.fields[field] ?? .init(), came.fields[field] ?? .init())
        #expect(
          a.gained == b.gained && a.lost == b.lost, "\(node) \(field), seed \(seed): \(a) \(b)")
      }
    }
  }

  /// Records of all villages, with values from below and from above; some have a second home, some are deleted, some verified.
  private func write(
    _ network: SimulatedNetwork, _ policy: TierPolicy, _ rng: inout SplitMix64
  ) throws {
    for number in 0..<12 {
      let ledger = number % 3 == 0 ? SimulationPolicy.urgent : SimulationPolicy.bulk
      let ref = RecordRef(ledger, "key\(number)")
      let village = Self.tree.villages[number % Self.tree.villages.count]
      let other = try #require(Self.tree.villages.randomElement(using: &rng))
      var values: FieldValues = [TierPolicy.home: .text("\(village)")]
      if rng.chance(0.4) { values[TierPolicy.residence] = .text("\(other)") }
      for field in TierPolicy.data.prefix(2)
      where policy.fields(of: village, in: ledger).contains(field) {
        if rng.chance(0.7) { values[field] = rng.chance(0.2) ? .null : .integer(Int64(number)) }
      }
      try capture(network, village, ref, values, isCreation: true)
    }
    settle(network)
    let writers = Self.tree.nodes.filter {
      $0.slug.isEmpty && $0.code.level.rawValue == [0, 2, 3, 4][policy.top]
    }
    for node in writers {
      for (ref, record) in network.node(node).store.snapshot.records where record.isHeld {
        var values = FieldValues()
        for field in TierPolicy.data.suffix(2)
        where policy.fields(of: node, in: ref.ledger).contains(field) {
          if rng.chance(0.7) { values[field] = .integer(7) }
        }
        let vouched = TierPolicy.data.filter { record[$0].isHeld && rng.chance(0.4) }
        try capture(
          network, node, ref, values, verified: vouched.map { .init($0, record[$0].dots) },
          isDeletion: rng.chance(0.1))
      }
    }
    settle(network)
  }

  private func capture(
    _ network: SimulatedNetwork, _ node: NodeID, _ ref: RecordRef, _ values: FieldValues,
    isCreation: Bool = false, verified: [CapturedWrite.SeenValue] = [], isDeletion: Bool = false
  ) throws {
    network.now += 1000
    let write = CapturedWrite(
      ref: ref, values: isDeletion ? [:] : values, isDeletion: isDeletion, isCreation: isCreation,
      time: network.now, actor: "test", verified: isDeletion ? [] : verified)
    if !isDeletion, !isCreation, write.values.entries.isEmpty, verified.isEmpty { return }
    network.node(node).store.mutate { $0.capture(write) }
    try network.node(node).seal(at: network.now, &network.rng)
  }

  private func settle(_ network: SimulatedNetwork) {
    var isBusy = true
    while isBusy {
      isBusy = false
      for (child, parent) in network.links {
        for (x, y) in [(child, parent), (parent, child)] {
          if network.pump(x, y, entries: 1000) { isBusy = true }
          while network.deliver(x, y) { isBusy = true }
        }
      }
    }
  }

  /// What all nodes count together, a few records a step.
  private func plan(
    _ network: SimulatedNetwork, _ old: TierPolicy, _ new: TierPolicy
  ) throws -> [PlanFlow: PlanTally] {
    var flows: [PlanFlow: PlanTally] = [:]
    for node in Self.tree.nodes {
      let replicator = network.node(node).replicator
      let children = Self.tree.nodes.filter { Self.tree.parents[$0] == node }
      for start in replicator.planWalks(new, children: children) {
        var walk = start
        while !walk.isAtEnd {
          let known = walk
          walk = try network.node(node).store.readNow { tx in
            var walk = known
            try replicator.plan(&walk, new, limit: 2, tx)
            return walk
          }
        }
        for (flow, tally) in walk.taken() { flows[flow, default: PlanTally()].add(tally) }
      }
    }
    return PlanCascade(under: new, parents: Self.tree.parents).completed(flows)
  }

  private func tables(_ network: SimulatedNetwork) -> Tables {
    var tables = Tables()
    for node in Self.tree.nodes {
      for (ref, record) in network.node(node).store.snapshot.records where record.isHeld {
        if record.isDeleted { continue }
        let shown = record.registers.filter { entry in
          let isRouting = TierPolicy.routing.contains(entry.field)
          return (entry.register.shown(isRouting: isRouting)?.value ?? .null) != .null
        }
        tables[node, default: [:]][ref] = FieldSet(shown.map(\.field))
      }
    }
    return tables
  }

  private func difference(
    _ before: [RecordRef: FieldSet], _ after: [RecordRef: FieldSet]
  ) -> PlanTally {
    var tally = PlanTally()
    for ref in Set(before.keys).union(after.keys) {
      let (old, new) = (before[ref] ?? [], after[ref] ?? [])
      if before[ref] == nil { tally.gained += 1 }
      if after[ref] == nil { tally.lost += 1 }
      for field in new.subtracting(old).members {
        tally.fields[field, default: .init()].gained += 1
      }
      for field in old.subtracting(new).members { tally.fields[field, default: .init()].lost += 1 }
    }
    return tally
  }
}
