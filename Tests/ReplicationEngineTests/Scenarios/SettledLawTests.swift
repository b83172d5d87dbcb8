import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing
import SeededRandom

/// The two short ways of the rules, of new records and of settled entries: they end where the long ways do.
@Suite struct SettledLawTests {
  private static let ref = RecordRef(SimulationPolicy.bulk, "k")
  private static let tree = SimulationTree()

  private static func draw<T>(_ all: [T], _ rng: inout SplitMix64) -> T {
    all[Int.random(in: 0..<all.count, using: &rng)]
  }

  /// A random change: a creation mostly with homes, another mostly without.
  private static func change(
    _ index: UInt64, isCreation: Bool, on record: Record, _ rng: inout SplitMix64
  ) -> Change {
    let author = Replica(node: draw(tree.villages, &rng), incarnation: 1, lane: .bulk)
    func write(_ field: FieldID, _ value: Value) -> FieldWrite {
      FieldWrite(
        field: field, value: value, rank: 0, base: record.base(of: field, for: author))
    }
    var writes: [FieldWrite] = []
    if isCreation { writes.append(write(.alive, .bool(rng.chance(0.9)))) }
    for field in SimulationPolicy.routing where rng.chance(isCreation ? 0.8 : 0.1) {
      let home = Value.text(draw(tree.villages, &rng).code.description)
      writes.append(write(field, rng.chance(0.9) ? home : .null))
    }
    for field in SimulationPolicy.data where rng.chance(0.6) {
      writes.append(write(field, .integer(Int64(index))))
    }
    if writes.isEmpty { writes.append(write(SimulationPolicy.data[0], .integer(0))) }
    writes.sort { $0.field < $1.field }
    return Change(
      dot: Dot(author, index), ref: ref, writes: writes, time: Int64(index), actor: "",
      cause: rng.chance(0.95) ? .write : .restore([Dot(author, 1)]))
  }

  private static func link(_ rng: inout SplitMix64) -> (node: NodeID, peer: NodeID, isUp: Bool) {
    let link = draw(tree.links, &rng)
    let isUp = rng.chance(0.5)
    return isUp ? (link.child, link.parent, true) : (link.parent, link.child, false)
  }

  private static func rules(of node: NodeID) -> RecordRules {
    RecordRules(
      own: Replica(node: node, incarnation: 1, lane: .bulk), parent: tree.parents[node],
      routing: SimulationPolicy.routing)
  }

  @Test("a creation is what receiving its change on an empty record leaves")
  func creation() {
    var rng = SplitMix64(seed: 11)
    var made = 0
    for round in UInt64(1)...4000 {
      let (node, peer, _) = Self.link(&rng)
      let side = rng.chance(0.5) ? Side.own : .link(peer)
      let change = Self.change(1, isCreation: rng.chance(0.9), on: Record(), &rng)
      guard let creation = Creation(change, from: side, at: round) else { continue }
      made += 1
      var record = Record()
      let effect = Self.rules(of: node).receive(
        change, isPayload: false, from: side, into: &record, isKnown: false, position: round)
      #expect(creation.record == record)
      #expect([creation.entry(routing: SimulationPolicy.routing)] == effect.entries)
      #expect(effect.archived.isEmpty && effect.meeting == nil && effect.isChanged)
    }
    #expect(made > 2000)
  }

  @Test("a settled entry becomes what a look at its record makes of it")
  func settled() {
    var rng = SplitMix64(seed: 12)
    var told = [0, 0, 0]
    for _ in 0..<20_000 {
      let (node, peer, isUp) = Self.link(&rng)
      let policy = SimulationPolicy.random(epoch: 1, &rng)
      let projector = Projector(node: node, peer: peer, isUp: isUp, policy: policy)
      let ledger = projector.ledger(Self.ref.ledger)
      var record = Record()
      var entries: [Entry] = []
      for index in UInt64(1)...UInt64.random(in: 1...3, using: &rng) {
        let change = Self.change(index, isCreation: index == 1, on: record, &rng)
        let side = rng.chance(0.5) ? Side.own : .link(peer)
        entries +=
          Self.rules(of: node).receive(
            change, isPayload: false, from: side, into: &record, isKnown: index > 1,
            position: index
          ).entries
      }
      if entries.contains(where: \.unsettlesEarlier) { continue }
      for (at, entry) in entries.enumerated() {
        var output = Projector.Output()
        projector.project(
          entry, at: UInt64(at + 1), record, ledger, steps: [], into: &output)
        switch projector.settled(entry, ledger) {
        case .open: told[0] += 1
        case .nothing:
          told[1] += 1
          #expect(output.items.isEmpty && output.archived.isEmpty)
        case .item(let item):
          told[2] += 1
          // What was written again since goes as its changes instead of as a state: the same in the end.
          if at == 0, entries.count > 1, case .change = item, isUp { continue }
          #expect(output.items == [item] && output.archived.isEmpty)
        }
      }
    }
    #expect(told.allSatisfy { $0 > 1000 }, "\(told)")
  }
}
