import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SeededRandom
import Testing

/// A catch-up, and a long policy entry, cut into parcels of every size.
@Suite struct CatchUpWalkTests {
  private static let tree = SimulationTree()
  private static let ledgers = [LedgerID(1), LedgerID(3), LedgerID(4)]
  private static let county = tree.counties[0]
  private static let keys = 3

  /// A node with a few records of a county in each of three ledgers of one lane.
  private static func node(
    _ id: NodeID, _ policy: SimulationPolicy, _ shelf: MemoryShelf
  ) throws -> SimulatedNode {
    shelf.add(policy)
    let node = SimulatedNode(id: id, parent: tree.parents[id], policy: policy, shelf: shelf)
    node.replicator.ledgers = ledgers
    var rng = SplitMix64(seed: 5)
    for ledger in ledgers {
      for key in 0..<keys {
        let write = CapturedWrite(
          ref: RecordRef(ledger, "k\(key)"),
          values: [
            SimulationPolicy.home: .text(county.code.description),
            SimulationPolicy.data[0]: .text(String(repeating: "值", count: 20)),
          ],
          isDeletion: false, isCreation: true, time: 1, actor: "test")
        node.store.mutate { $0.capture(write) }
        try node.seal(at: 1, &rng)
      }
    }
    return node
  }

  /// All refs of a walk whose parts `next` makes after a record; the walk must end within `bound` parts.
  private static func refs(
    _ next: (RecordRef?) throws -> (items: [Item], resume: RecordRef?, isComplete: Bool)
  ) throws -> [RecordRef] {
    var refs: [RecordRef] = []
    var after: RecordRef?
    for _ in 0...(ledgers.count * keys) {
      let part = try next(after)
      // A state that is larger than its parcel comes in several.
      for ref in part.items.compactMap(\.ref) where refs.last != ref { refs.append(ref) }
      if part.isComplete { return refs }
      after = part.resume
    }
    Issue.record("the walk does not come to its end")
    return refs
  }

  private static var all: [RecordRef] {
    ledgers.flatMap { ledger in (0..<keys).map { RecordRef(ledger, "k\($0)") } }
  }

  @Test("however large its parcels are, a catch-up says each record once, in order, and ends")
  func everySize() throws {
    let node = try Self.node(Self.tree.region, SimulationPolicy(epoch: 1), MemoryShelf())
    for size in stride(from: 100, through: 6000, by: 20) {
      let refs = try Self.refs { after in
        let projection = try node.store.readNow { [replicator = node.replicator] tx in
          try replicator.catchUp(
            to: Self.county, lane: .bulk, after: after, start: 1, maximumBytes: size, tx)
        }
        let last = projection.rest.last ?? projection.parcel
        guard case .catchUp(_, let resume, _, _, let isComplete) = last.span else {
          return ([], nil, true)
        }
        return (projection.items, resume, isComplete)
      }
      #expect(refs == Self.all, "parcels of \(size) bytes")
    }
  }

  @Test("however large its parcels are, a policy entry says each changed record once, and ends")
  func everySizeOfPolicy() throws {
    let shelf = MemoryShelf()
    let gated = SimulationPolicy(epoch: 1, hasGate: true)
    let node = try Self.node(Self.county, gated, shelf)
    // The gate to the region falls: all that it held back goes.
    shelf.add(SimulationPolicy(epoch: 2))
    let start = node.replicator
    node.replicator = try node.store.writeNow { tx in
      var replicator = start
      var rng = SplitMix64(seed: 6)
      try replicator.adopt(2, from: .own, tx, at: Moment(now: 2), using: &rng)
      return replicator
    }
    let position = try node.store.readNow { try $0.nextPosition(.bulk) - 1 }
    for size in stride(from: 100, through: 6000, by: 20) {
      let refs = try Self.refs { after in
        let projection = try node.store.readNow { [replicator = node.replicator] tx in
          try replicator.project(
            to: Self.tree.region, lane: .bulk, from: position, maximumBytes: size,
            maximumEntries: 10,
            resuming: after, tx)
        }
        return (projection.items, projection.resume, projection.resume == nil)
      }
      #expect(refs == Self.all, "parcels of \(size) bytes")
    }
  }
}

extension Projection {
  /// The items of all its parcels.
  fileprivate var items: [Item] { ([parcel] + rest).flatMap(\.items) }
}
