import ReplicationCore
import ReplicationEngine

/// A record on a link.
struct LinkRecord: Hashable, Comparable, CustomStringConvertible {
  let child: NodeID
  let parent: NodeID
  let ref: RecordRef
  var description: String { "\(parent) \(child) \(ref)" }

  /// The same order in every run: what is drawn hangs on it.
  static func < (a: Self, b: Self) -> Bool {
    a.child == b.child ? a.ref < b.ref : a.child < b.child
  }
}

extension Simulation {
  /// What the digests of all links find different; and where a digest is equal although its records are not.
  func compareByDigest(_ faults: inout [SimulationFault]) -> Set<LinkRecord> {
    var result = Set<LinkRecord>()
    for (child, parent) in network.links {
      let above = details(at: parent, with: child)
      let below = details(at: child, with: parent)
      for (a, b) in zip(above.records, below.records) {
        let place = LinkRecord(child: child, parent: parent, ref: a.ref)
        let gate = network.node(parent).replicator.gate(with: child, in: a.ref.ledger)
        let lost = LinkShare.differences(parent: a.share, child: b.share, gate: gate)
        if !lost.isEmpty { result.insert(place) }
        if a.isMoving || b.isMoving { faults.append(SimulationFault("MOVING", "\(place)")) }
        if lost.isEmpty { continue }
        if digest(a.ref, at: parent, with: child) == digest(a.ref, at: child, with: parent) {
          faults.append(SimulationFault("DIGEST-BLIND", "\(place) \(lost)"))
        }
      }
    }
    return result
  }

  private func details(at id: NodeID, with peer: NodeID) -> DetailSlice {
    let node = network.node(id)
    let replicator = node.replicator
    do {
      return try node.store.readNow { try replicator.details(of: refs, with: peer, $0) }
    } catch {
      preconditionFailure("a memory store can be read: \(error)")
    }
  }

  private func digest(_ ref: RecordRef, at id: NodeID, with peer: NodeID) -> ShareDigest? {
    let node = network.node(id)
    let replicator = node.replicator
    let slice = try? node.store.readNow { tx in
      try replicator.shares(
        with: peer, of: ref.ledger, after: nil, through: nil, limit: 100, tx)
    }
    return slice?.records.first { $0.key == ref.key }?.digest
  }

  /// Mends differing records as the nodes do: both ends tell; what differs then and cannot be proved is set aside, and both tell again.
  /// False when that does not come to an end.
  mutating func repair(_ places: Set<LinkRecord>) -> Bool {
    guard tell(places) else { return false }
    var faults: [SimulationFault] = []
    let left = compareByDigest(&faults).intersection(places)
    return setAside(left) ? tell(left) : true
  }

  /// Tells how records stand, first upwards, then downwards; false when that does not come to an end.
  private mutating func tell(_ places: Set<LinkRecord>) -> Bool {
    for isUp in [true, false] {
      for place in places.sorted() {
        let (me, peer) = isUp ? (place.child, place.parent) : (place.parent, place.child)
        let node = network.node(me)
        let replicator = node.replicator
        network.attempt(me) {
          _ = try node.store.writeNow { try replicator.answer([place.ref], to: peer, $0) }
        }
      }
      guard drain() else { return false }
    }
    return true
  }

  /// Both ends set aside what the other does not hold and they cannot prove; returns whether anything went.
  private mutating func setAside(_ places: Set<LinkRecord>) -> Bool {
    var count = 0
    for place in places.sorted() {
      for (me, peer) in [(place.child, place.parent), (place.parent, place.child)] {
        let theirs = details(at: peer, with: me).records.filter { $0.ref == place.ref }
        let node = network.node(me)
        let replicator = node.replicator
        let now = network.now
        network.attempt(me) {
          var draw = network.rng
          let (gone, used) = try node.store.writeNow { tx in
            (
              try replicator.setAside(
                theirs, from: peer, tx, at: Moment(now: now), using: &draw), draw
            )
          }
          network.rng = used
          count += gone
          if gone > 0 { network.trace?("\(me) set \(gone) aside of \(place.ref)") }
        }
      }
    }
    return count > 0
  }

  /// Breaks what a node holds of a record behind the rules' back, as a person with a database client might.
  mutating func tamper() {
    let id = randomNode()
    let ref = refs.randomElement(using: &network.rng) ?? refs[0]
    let other = network.node(randomNode()).record(ref)
    let older = earlier[id]?[ref]
    let kind = Int.random(in: 0..<4, using: &network.rng)
    let field = SimulationPolicy.all.members.randomElement(using: &network.rng) ?? .alive
    network.trace?("tamper \(kind) \(id) \(ref) \(field)")
    network.node(id).store.mutate { state in
      guard var record = state.records[ref] else { return }
      switch kind {
      case 0: state.records[ref] = nil
      case 1:
        record[field] = Register()
        record.released.removeAll { $0.field == field }
        state.records[ref] = record
      case 2:
        record[field] = other[field]
        state.records[ref] = record
      default:
        if let older { state.records[ref] = older }
      }
    }
  }
}
