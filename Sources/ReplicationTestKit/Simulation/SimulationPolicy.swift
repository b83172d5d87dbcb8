package import ReplicationCore
import Synchronization
import ReplicationEngine
package import SeededRandom

/// A random policy: which data fields the region, the department (here and elsewhere) and the villages may hold, and whether the region is gated.
package struct SimulationPolicy: SharingPolicy {
  package static let home = FieldID(2)
  package static let data = [FieldID(3), FieldID(4), FieldID(5)]
  /// The second home column: where a person lives who is registered elsewhere (人户分离).
  package static let residence = FieldID(6)
  package static let routing = [home, residence]
  package static let bulk = LedgerID(1)
  package static let urgent = LedgerID(2)
  package static let ungated = FieldSet.existence.union([home, residence])
  package static let all = ungated.union(FieldSet(data))

  package let epoch: UInt64
  let tree: SimulationTree
  let regionFields: FieldSet
  let cityFields: FieldSet
  let departmentFields: FieldSet
  let departmentElsewhere: FieldSet
  let villageFields: FieldSet
  let hasGate: Bool
  /// Only who is responsible for a home may write its records; else everybody writes everything.
  let hasScopes: Bool
  let rankSeed: UInt64

  init(
    epoch: UInt64, tree: SimulationTree, rankSeed: UInt64, gates: Bool, scopes: Bool = false,
    _ rng: inout SplitMix64
  ) {
    func some(_ fields: [FieldID], _ probability: Double) -> FieldSet {
      FieldSet(fields.filter { _ in rng.chance(probability) })
    }
    self.epoch = epoch
    self.tree = tree
    self.rankSeed = rankSeed
    hasScopes = scopes
    regionFields = some(Self.data, 0.6)
    let department = some(Self.data, 0.7)
    departmentFields = department
    villageFields = rng.chance(0.6) ? FieldSet(Self.data) : some(Self.data, 0.8)
    departmentElsewhere = some(department.members, 0.5)
    hasGate = rng.chance(0.4) && gates
    // A relay keeps its rights: one that loses them is the case that the rules leave open.
    var fixed = SplitMix64(seed: rankSeed)
    cityFields = FieldSet(Self.data.filter { _ in fixed.chance(0.8) })
  }

  /// A random policy over the tree of the simulation.
  package static func random(epoch: UInt64, _ rng: inout SplitMix64) -> SimulationPolicy {
    SimulationPolicy(epoch: epoch, tree: SimulationTree(), rankSeed: 0, gates: true, &rng)
  }

  /// A policy in which everybody may hold everything of its own subtree.
  ///
  /// `hasScopes`: only who is responsible for a home may write its records.
  package init(
    epoch: UInt64, tree: SimulationTree = SimulationTree(), hasGate: Bool = false,
    hasScopes: Bool = false
  ) {
    self.init(
      epoch: epoch, region: Self.all, department: Self.all, elsewhere: Self.all, village: Self.all,
      hasGate: hasGate, hasScopes: hasScopes, tree: tree)
  }

  /// A policy of given fields.
  package init(
    epoch: UInt64, region: FieldSet, department: FieldSet, elsewhere: FieldSet,
    village: FieldSet, hasGate: Bool, hasScopes: Bool = false,
    tree: SimulationTree = SimulationTree()
  ) {
    self.epoch = epoch
    self.tree = tree
    regionFields = region
    cityFields = region
    departmentFields = department
    departmentElsewhere = elsewhere
    villageFields = village
    self.hasGate = hasGate
    self.hasScopes = hasScopes
    rankSeed = 0
  }

  package func routingFields(of ledger: LedgerID) -> [FieldID] { Self.routing }
  package func lane(of ledger: LedgerID) -> Lane { ledger == Self.urgent ? .urgent : .bulk }

  package func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    fields(of: node, isElsewhere: false)
  }

  package func fields(
    of node: NodeID, in ledger: LedgerID, homes: [Home]
  ) -> FieldSet {
    guard homes.contains(where: { node.code.contains($0.code) }) else { return [] }
    let first = tree.villages[0].code
    return fields(of: node, isElsewhere: !homes.contains { $0.code == first })
  }

  private func fields(of node: NodeID, isElsewhere: Bool) -> FieldSet {
    if node == tree.region {
      return (tree.city == nil ? regionFields : regionFields.intersection(cityFields))
        .union(Self.ungated)
    }
    if node == tree.city { return cityFields.union(Self.ungated) }
    if node == tree.department {
      return (isElsewhere ? departmentElsewhere : departmentFields).union(Self.ungated)
    }
    if node.code.level == .village { return villageFields.union(Self.ungated) }
    return Self.all
  }

  package func viewBounds(of node: NodeID, in ledger: LedgerID) -> [DivisionCode]? {
    let village = tree.villages[0].code
    return [
      node.code.number, node.code.number + node.code.level.unit, village.number, village.number + 1,
    ]
    .compactMap { DivisionCode(number: $0) }
  }

  /// A home in the first village gives the department its own fields whatever the others give.
  package func givesSame(
    as old: any ViewPolicy, to node: NodeID, in ledger: LedgerID, for home: Home
  ) -> Bool {
    guard let old = old as? SimulationPolicy else { return false }
    if !node.code.contains(home.code) { return true }
    let isElsewhere = home.code != tree.villages[0].code
    return old.fields(of: node, isElsewhere: isElsewhere)
      == fields(of: node, isElsewhere: isElsewhere)
  }

  package func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool {
    hasGate && parent == tree.region
  }

  package func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 {
    if rankSeed == 0 { return 0 }
    let number = author.code.number &+ UInt64(author.slug.utf8.count) &* 7
    var mixed = SplitMix64(seed: rankSeed ^ number &* 31 &+ UInt64(field.number))
    return [0, 0, 1, 2][Int(mixed.next() % 4)]
  }

  package func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? {
    guard hasScopes else { return nil }
    let data = FieldSet(Self.data)
    if act.written.isEmpty, !act.creates, !act.deletes { return nil }
    if author == tree.region || author == tree.city { return "\(author) maintains nothing" }
    if author == tree.department, act.creates || act.deletes || !act.written.isSubset(of: data) {
      return "\(author) maintains no more than \(data)"
    }
    guard let before else { return nil }
    let codes = before.codes.isEmpty ? Array(after.codes.prefix(1)) : before.codes
    if codes.isEmpty { return act.creates || act.deletes ? "a record needs a home" : nil }
    return codes.contains(where: author.code.contains)
      ? nil : "\(author) is responsible for none of \(codes)"
  }
}

/// The policies of a test, by epoch.
package final class MemoryShelf: PolicyShelf {
  private let held = Mutex<[UInt64: any SharingPolicy]>([:])
  package init(_ policies: [any SharingPolicy] = []) { for policy in policies { add(policy) } }
  package func policy(_ epoch: UInt64) -> (any SharingPolicy)? { held.withLock { $0[epoch] } }
  package func epochs(after epoch: UInt64) -> [UInt64] {
    held.withLock { $0.keys.filter { $0 > epoch }.sorted() }
  }
  package func add(_ policy: any SharingPolicy) { held.withLock { $0[policy.epoch] = policy } }
}
