import ReplicationCore
import ReplicationTestKit
import SeededRandom

/// A random policy by which every tier sees what lies within its division: closed, so that everybody on the way may hold what passes.
struct TierPolicy: SharingPolicy {
  static let home = FieldID(2)
  static let residence = FieldID(3)
  /// Written in the village, the last two from above.
  static let data = [FieldID(4), FieldID(5), FieldID(6), FieldID(7)]
  static let routing = [home, residence]
  private static let levels: [DivisionLevel] = [.region, .county, .town, .village]

  let epoch: UInt64
  /// From the region down to the village; the last is the department's.
  private(set) var views: [FieldSet] = []
  let hasGate: Bool
  /// The highest level that sees anything.
  let top: Int

  init(epoch: UInt64, _ rng: inout SplitMix64) {
    self.epoch = epoch
    hasGate = rng.chance(0.3)
    top = rng.chance(0.7) ? 0 : Int.random(in: 0...3, using: &rng)
    views = Array(repeating: FieldSet(), count: 5)
    for level in top...3 { views[level] = FieldSet.existence.union(FieldSet(Self.routing)) }
    for (number, field) in Self.data.enumerated() {
      let end = Int.random(in: top...4, using: &rng)
      let levels = number < 2 ? end..<4 : top..<end
      for level in levels { views[level].insert(field) }
    }
    if top <= 1, rng.chance(0.9) {
      views[4] = FieldSet.existence.union(FieldSet(Self.routing))
      let seen = views[1].intersection(FieldSet(Self.data)).members
      views[4].formUnion(FieldSet(seen.filter { _ in rng.chance(0.6) }))
    }
  }

  func routingFields(of ledger: LedgerID) -> [FieldID] { Self.routing }
  func lane(of ledger: LedgerID) -> Lane { ledger == SimulationPolicy.urgent ? .urgent : .bulk }

  func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    if !node.slug.isEmpty { return views[4] }
    return views[Self.levels.firstIndex(of: node.code.level) ?? 0]
  }

  func fields(of node: NodeID, in ledger: LedgerID, homes: [Home]) -> FieldSet {
    homes.contains { node.code.contains($0.code) } ? fields(of: node, in: ledger) : []
  }

  func viewBounds(of node: NodeID, in ledger: LedgerID) -> [DivisionCode]? {
    [node.code.number, node.code.number + node.code.level.unit].compactMap {
      DivisionCode(number: $0)
    }
  }

  func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool {
    hasGate && parent.code.level == .region
  }

  func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 { 0 }
  func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? { nil }
}
