import ReplicationCore
import ReplicationEngine
import SignedFeed
import SeededRandom

/// What a simulation may do.
package struct SimulationOptions: Sendable {
  package var steps = 60
  package var policies = true
  package var gates = true
  package var restores = true
  package var crashes = true
  package var busyRows = true
  /// Who holds a busy row writes it before it lets go.
  package var heldWrites = true
  package var trims = true
  /// After peace records are broken behind the rules' back; then only the digests and their repair are checked.
  package var tampers = false
  /// Records get a second home, anywhere in the tree.
  package var residences = true
  /// Only who is responsible for a home may write its records, as most policies have it, and there is a city between counties and region.
  package var scopes = false
  /// Some readers see some fields masked.
  package var masks = false
  /// Some writes come from forms that were opened before others wrote.
  package var staleForms = false
  /// Steps of the history that are left out: so a failing one is reduced to what it needs.
  package var omitted: Set<Int> = []
  package init() {}
}

/// A random history of eleven nodes, then peace, then the checks.
package struct Simulation {
  package let seed: UInt64
  package let options: SimulationOptions
  let tree: SimulationTree
  package let network: SimulatedNetwork
  var journal = SimulationJournal()
  private var backups: [NodeID: (MemoryState, UInt64)] = [:]
  private var restored = Set<NodeID>()
  /// Records as they were somewhere on the way, for tampering.
  private(set) var earlier: [NodeID: [RecordRef: Record]] = [:]
  private var newestEpoch: UInt64 = 1
  /// Two ends differed in the end, which their digests found and mended.
  package private(set) var isRepaired = false
  let refs: [RecordRef]
  private let rankSeed: UInt64

  package init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
    self.seed = seed
    self.options = options
    var rng = SplitMix64(seed: seed)
    rankSeed = rng.next() | 1
    tree = SimulationTree(hasCity: options.scopes)
    let policy = SimulationPolicy(
      epoch: 1, tree: tree, rankSeed: rankSeed, gates: options.gates, scopes: options.scopes,
      masks: options.masks, &rng)
    network = SimulatedNetwork(tree: tree, policy: policy, seed: rng.next())
    network.isVerifying = seed % 16 == 0
    let second = rng.chance(0.5) ? SimulationPolicy.bulk : SimulationPolicy.urgent
    let first = RecordRef(SimulationPolicy.bulk, "k1")
    refs = rng.chance(0.7) ? [first, RecordRef(second, "k2")] : [first]
    let network = self.network
    if network.isVerifying { network.attempt(tree.region) { try network.tellHandoverKeys() } }
  }

  /// Runs the history and returns what did not hold.
  package mutating func run() -> [SimulationFault] {
    for index in 0..<options.steps {
      network.now += 1
      // Each step draws from numbers of its own, so that leaving one out does not change the others.
      network.rng = SplitMix64(seed: seed &* 0x1_0000_0001 ^ UInt64(index) << 40)
      if options.omitted.contains(index) { continue }
      network.trace?("step \(index)")
      step()
      journal.note(network)
      if options.tampers, network.rng.chance(0.2) {
        let id = randomNode()
        earlier[id] = network.node(id).store.snapshot.records
      }
      if !network.faults.isEmpty { return network.faults }
    }
    guard writeAllHeld(), drain() else {
      return network.faults + [SimulationFault("NOQUIESCE", "")]
    }
    if let trace = network.trace {
      for id in tree.nodes {
        let state = network.node(id).store.snapshot
        trace("end \(id) sent \(network.node(id).sent) feeds \(state.feeds)")
      }
    }
    if !network.faults.isEmpty { return network.faults }
    if options.tampers {
      for _ in 0..<Int.random(in: 1...3, using: &network.rng) { tamper() }
    }
    let faults = mend()
    if !faults.isEmpty || options.tampers { return faults }
    if options.trims {
      for id in tree.nodes { trim(id) }
      // A question passes one tier a round.
      for _ in 0..<4 { for id in tree.nodes { network.inquire(id) } }
    }
    return network.faults + checker.check() + (options.trims ? checker.checkErased() : [])
  }

  /// Compares all links by digest, which must find what the checker finds, and repairs what differs, as the nodes would.
  ///
  /// The rules leave a difference open for a relay that loses a right between receiving a value and passing it on.
  private mutating func mend() -> [SimulationFault] {
    var faults: [SimulationFault] = []
    for _ in 0..<4 {
      let found = compareByDigest(&faults)
      let expected = checker.differing()
      for place in found.symmetricDifference(expected) {
        let isMissed = expected.contains(place)
        faults.append(SimulationFault(isMissed ? "DIGEST-MISSED" : "DIGEST-FALSE", "\(place)"))
      }
      if found.isEmpty || !faults.isEmpty { return faults }
      isRepaired = true
      network.trace?("differs \(found)")
      let isAtRest = repair(found)
      if !network.faults.isEmpty { return network.faults }
      if !isAtRest { return [SimulationFault("NOQUIESCE", "after a repair")] }
    }
    // What the upper end holds under a mask since nobody can tell it otherwise stays so.
    return checker.isUntold() ? [] : [SimulationFault("UNREPAIRED", "\(checker.differing())")]
  }

  private var checker: SimulationChecker {
    SimulationChecker(network: network, tree: tree, journal: journal, restored: restored)
  }

  private mutating func step() {
    switch Double.random(in: 0..<1, using: &network.rng) {
    case ..<0.30: write()
    case ..<0.43:
      let (a, b) = randomEdge()
      network.pump(a, b, entries: [1, 2, 100].randomElement(using: &network.rng) ?? 1)
    case ..<0.83:
      let (a, b) = randomEdge()
      network.pump(a, b, entries: 1)
      network.deliver(a, b)
    case ..<0.88:
      let (a, b) = randomEdge()
      if network.isUp(a, b) { network.cut(a, b) } else { network.heal(a, b) }
    case ..<0.90:
      if options.policies { changePolicy() }
    case ..<0.93:
      if options.restores { backUpOrRestore() }
    case ..<0.95:
      if options.crashes {
        let id = randomNode()
        network.node(id).store.crashNext(after: Int.random(in: 0..<16, using: &network.rng))
      }
    case ..<0.98:
      if options.busyRows { toggleBusy(randomNode()) }
    default:
      if options.trims { trim(randomNode()) }
    }
  }

  func randomNode() -> NodeID {
    tree.nodes.randomElement(using: &network.rng) ?? tree.region
  }

  private func randomEdge() -> (NodeID, NodeID) {
    guard let link = tree.links.randomElement(using: &network.rng) else {
      preconditionFailure("a tree has links")
    }
    return network.rng.chance(0.5) ? (link.child, link.parent) : (link.parent, link.child)
  }

  private mutating func changePolicy() {
    newestEpoch += 1
    network.trace?("policy \(newestEpoch)")
    network.shelf.add(
      SimulationPolicy(
        epoch: newestEpoch, tree: tree, rankSeed: rankSeed, gates: options.gates,
        scopes: options.scopes, masks: options.masks, &network.rng))
    let epoch = newestEpoch
    network.attempt(tree.region) {
      try network.adopt(epoch, at: tree.region, from: .own)
    }
  }

  private func trim(_ id: NodeID) {
    let node = network.node(id)
    let replicator = node.replicator
    network.attempt(id) {
      try node.store.writeNow { tx in
        _ = try replicator.trim(tx, maximumKept: .max, limit: 1000)
      }
    }
    network.inquire(id)
  }

  private func toggleBusy(_ id: NodeID) {
    let ref = refs.randomElement(using: &network.rng) ?? refs[0]
    network.trace?("busy or free \(ref) at \(id)")
    network.node(id).store.mutate { state in
      if state.busy.remove(ref) == nil { state.busy.insert(ref) }
    }
    retry(id)
  }

  func retry(_ id: NodeID) {
    let node = network.node(id)
    let replicator = node.replicator
    let now = network.now
    network.attempt(id) {
      var draw = network.rng
      network.rng = try node.store.writeNow { tx in
        _ = try replicator.retryParked(tx, limit: 100, at: Moment(now: now), using: &draw)
        return draw
      }
    }
  }

  private mutating func backUpOrRestore() {
    let id = randomNode()
    let node = network.node(id)
    guard let backup = backups[id], network.rng.chance(0.5) else {
      backups[id] = (node.store.snapshot, node.replicator.policy.epoch)
      return
    }
    network.trace?("restore \(id)")
    restored.insert(id)
    network.kill(id)
    network.attempt(id) { try node.restore(backup.0) }
    if let policy = network.shelf.policy(backup.1) { node.replicator.policy = policy }
    if id == tree.region {
      let epoch = newestEpoch
      if epoch > backup.1 {
        network.attempt(id) { try network.adopt(epoch, at: id, from: .own) }
      }
    }
  }

  /// Heals all, delivers all; false when it does not come to an end.
  mutating func drain() -> Bool {
    for id in tree.nodes { network.node(id).store.mutate { $0.busy = [] } }
    return exchange(retrying: true)
  }

  /// Heals all, seals all, delivers all, and lets what waits for a row wait, or tries it again; false when it does not come to an end.
  mutating func exchange(retrying: Bool) -> Bool {
    for id in tree.nodes { network.node(id).store.crashNext(after: .max) }
    for _ in 0..<300 {
      for (child, parent) in network.links { network.heal(child, parent) }
      var isBusy = false
      for id in tree.nodes {
        seal(id)
        if retrying { retry(id) }
      }
      for (child, parent) in network.links {
        for (a, b) in [(child, parent), (parent, child)] {
          if network.pump(a, b, entries: 100) { isBusy = true }
          while network.deliver(a, b) {
            isBusy = true
            journal.note(network)
          }
        }
      }
      if !network.faults.isEmpty { return true }
      if !isBusy { return true }
    }
    return false
  }

  func seal(_ id: NodeID) {
    network.attempt(id) { try network.node(id).seal(at: network.now, &network.rng) }
  }
}
