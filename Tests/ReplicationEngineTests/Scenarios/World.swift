import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed

/// The simulation's tree with people's names, for scenarios told step by step.
struct World {
  static let tree = SimulationTree()
  let network: SimulatedNetwork
  let region = World.tree.region
  let county1 = World.tree.counties[0]
  let county2 = World.tree.counties[1]
  let department = World.tree.department
  let village111 = World.tree.villages[0]
  let village112 = World.tree.villages[1]
  let village121 = World.tree.villages[2]
  let village211 = World.tree.villages[3]
  var town11: NodeID { World.tree.parents[village111] ?? county1 }
  var town12: NodeID { World.tree.parents[village121] ?? county1 }
  var town21: NodeID { World.tree.parents[village211] ?? county2 }
  let person = RecordRef(SimulationPolicy.bulk, "person")
  static let home = SimulationPolicy.home
  static let a = SimulationPolicy.data[0]
  static let b = SimulationPolicy.data[1]
  static let s = SimulationPolicy.data[2]
  static let all = FieldSet([a, b, s])

  init(_ policy: SimulationPolicy = SimulationPolicy(epoch: 1)) {
    network = SimulatedNetwork(tree: World.tree, policy: policy, seed: 7)
    network.isVerifying = true
  }

  /// An application writes, and the node seals.
  ///
  /// `seen`: what the application had read, when that is not what is stored.
  func write(
    _ node: NodeID, _ values: FieldValues, isCreation: Bool = false, seen: [FieldContext] = []
  ) throws {
    try capture(node, values, isCreation: isCreation, seen: seen)
  }

  func delete(_ node: NodeID, seen: [FieldContext] = []) throws {
    try capture(node, [:], isDeletion: true, seen: seen)
  }

  /// What an application reads of a record now: the context of every field.
  func contexts(_ node: NodeID) -> [FieldContext] {
    record(node).registers.map { FieldContext($0.field, $0.register.context) }
  }

  func create(_ node: NodeID, home: NodeID, _ values: FieldValues = [:]) throws {
    var values = values
    values[World.home] = .text(home.code.description)
    try capture(node, values, isCreation: true)
  }

  func move(_ node: NodeID, to home: NodeID) throws {
    try write(node, [World.home: .text(home.code.description)])
  }

  /// Verifies what a node holds of these fields.
  func verify(_ node: NodeID, _ fields: [FieldID]) throws {
    let record = record(node)
    try capture(
      node, [:], verified: fields.map { CapturedWrite.SeenValue($0, record[$0].dots) })
  }

  private func capture(
    _ node: NodeID, _ values: FieldValues, isDeletion: Bool = false,
    isCreation: Bool = false, seen: [FieldContext] = [],
    verified: [CapturedWrite.SeenValue] = []
  ) throws {
    network.now += 1000
    let write = CapturedWrite(
      ref: person, values: values, isDeletion: isDeletion, isCreation: isCreation,
      time: network.now, actor: "test", seen: seen, verified: verified)
    network.node(node).store.mutate { $0.capture(write) }
    try network.node(node).seal(at: network.now, &network.rng)
  }

  func record(_ node: NodeID) -> Record { network.node(node).record(person) }

  func shown(_ node: NodeID, _ field: FieldID) -> Value? {
    record(node)[field].shown(isRouting: field == World.home)?.value
  }

  /// The shown integer of a field; nil when nothing is held.
  func number(_ node: NodeID, _ field: FieldID) -> Int64? {
    if case .integer(let number) = shown(node, field) { number } else { nil }
  }

  /// What waited for an application's lock is taken in.
  func retryParked(_ node: NodeID) throws {
    let (store, replicator) = (network.node(node).store, network.node(node).replicator)
    network.rng = try store.writeNow { [draw = network.rng, now = network.now] tx in
      var rng = draw
      _ = try replicator.retryParked(tx, limit: 100, at: Moment(now: now), using: &rng)
      return rng
    }
  }

  /// Everything that one node has for another goes over, and is taken in; nothing comes back.
  func send(_ from: NodeID, _ to: NodeID) {
    network.pump(from, to, entries: 1000)
    while network.deliver(from, to) {}
  }

  func changePolicy(_ policy: SimulationPolicy) throws {
    network.shelf.add(policy)
    try network.adopt(policy.epoch, at: region, from: .own)
  }

  /// Heals every link and passes everything, until nothing more comes; returns what went wrong.
  func settle() -> [String] {
    for (child, parent) in network.links { network.heal(child, parent) }
    for _ in 0..<200 {
      var isBusy = false
      for (child, parent) in network.links {
        for (x, y) in [(child, parent), (parent, child)] {
          if network.pump(x, y, entries: 1000) { isBusy = true }
          while network.deliver(x, y) { isBusy = true }
        }
      }
      if !isBusy { return network.faults.map(\.description) + differences() }
    }
    return ["it does not come to an end"]
  }

  /// Links whose ends do not hold the same of what both may hold.
  private func differences() -> [String] {
    network.links.flatMap { child, parent -> [String] in
      let policy = network.node(parent).replicator.policy
      let above = record(parent)
      let below = record(child)
      let homes = above.routing(by: [World.home]).homes
      if homes.isEmpty || policy.isGated(from: child, to: parent, in: person.ledger) { return [] }
      let view = policy.fields(of: child, in: person.ledger, homes: homes)
      let mayHold = policy.fields(of: parent, in: person.ledger)
      return SimulationPolicy.data.compactMap { field in
        let isShared = view.contains(field) && mayHold.contains(field)
        if isShared ? above[field].dots == below[field].dots : below[field].isHeld == false {
          return nil
        }
        return view.contains(field) && !mayHold.contains(field)
          ? nil : "\(parent) and \(child) differ in \(field)"
      }
    }
  }
}
