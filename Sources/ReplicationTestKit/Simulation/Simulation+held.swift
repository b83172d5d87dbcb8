import ReplicationCore
import ReplicationEngine
import SeededRandom

/// Applications that hold a row for a while and write it before they let go, while news of the row's record wait.
extension Simulation {
  /// A row that an application holds and now writes, mostly one for which something waits; nil: the write is of a row that is free.
  func heldRow() -> (NodeID, RecordRef)? {
    guard options.heldWrites, options.busyRows else { return nil }
    var held: [(NodeID, RecordRef)] = []
    for id in tree.nodes {
      let state = network.node(id).store.snapshot
      for ref in refs where state.busy.contains(ref) {
        let isWaitedFor = state.parked.contains { $0.item.ref == ref }
        if isWaitedFor || network.rng.chance(0.2) { held.append((id, ref)) }
      }
    }
    guard network.rng.chance(0.5) else { return nil }
    return held.randomElement(using: &network.rng)
  }

  /// An application takes a free row and writes it later, or what waited is looked at meanwhile; false: neither.
  func begin(_ ref: RecordRef, at id: NodeID) -> Bool {
    guard options.heldWrites else { return false }
    switch Double.random(in: 0..<1, using: &network.rng) {
    case ..<0.12 where options.busyRows:
      network.trace?("hold \(ref) at \(id)")
      network.node(id).store.mutate { $0.busy.insert(ref) }
    case ..<0.2 where !network.node(id).store.snapshot.parked.isEmpty: retry(id)
    default: return false
    }
    return true
  }

  /// The application that holds a row writes it and lets go, and now and then another takes it at once.
  ///
  /// What waits for the row is looked at some time later, perhaps after what was written has been sealed and sent.
  func writeHeld(_ ref: RecordRef, at id: NodeID) {
    let store = network.node(id).store
    if !store.snapshot.captured.contains(where: { $0.ref == ref }) { write(ref, at: id) }
    if network.rng.chance(0.8) { store.mutate { $0.busy.remove(ref) } }
    if network.rng.chance(0.7) { seal(id) }
  }

  /// Before peace: some records move; all that can go out does and is acknowledged while rows are held; then their applications write and let go, and what
  /// they wrote goes out before what waited is looked at.
  mutating func writeAllHeld() -> Bool {
    guard options.heldWrites, network.rng.chance(0.5) else { return true }
    for id in tree.nodes {
      for ref in refs where network.node(id).store.snapshot.busy.contains(ref) {
        if network.rng.chance(0.5), let parent = tree.parents[id] { move(ref, at: parent) }
      }
    }
    guard exchange(retrying: false) else { return false }
    for id in tree.nodes {
      for ref in refs where network.node(id).store.snapshot.busy.contains(ref) {
        if network.rng.chance(0.8) { writeHeld(ref, at: id) }
      }
    }
    return exchange(retrying: false)
  }
}
