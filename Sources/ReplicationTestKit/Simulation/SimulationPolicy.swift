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
  /// Data fields that a node sees masked: the region, the department here and elsewhere, villages of records that belong elsewhere too.
  private(set) var masks: [SimulationReader: FieldMasks] = [:]
  /// Only who is responsible for a home may write its records; else everybody writes everything.
  let hasScopes: Bool
  let rankSeed: UInt64

  init(
    epoch: UInt64, tree: SimulationTree, rankSeed: UInt64, gates: Bool, scopes: Bool = false,
    masks: Bool = false, _ rng: inout SplitMix64
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
    if masks { drawMasks(&fixed, &rng) }
  }

  /// A relay sees at least what those beyond it see: the city's masks stay, and the region has them too, or hides more.
  private mutating func drawMasks(_ fixed: inout SplitMix64, _ rng: inout SplitMix64) {
    let kinds: [Mask] = [.partial, .suppressed, .pseudonym]
    for field in Self.data {
      for reader in [SimulationReader.department, .departmentElsewhere, .villageElsewhere] {
        if rng.chance(0.3) {
          masks[reader, default: FieldMasks()][field] = kinds.randomElement(using: &rng)
        }
      }
      if tree.city != nil, fixed.chance(0.25) {
        masks[.city, default: FieldMasks()][field] = .partial
        masks[.region, default: FieldMasks()][field] = rng.chance(0.5) ? .partial : .suppressed
      } else if rng.chance(0.3) {
        masks[.region, default: FieldMasks()][field] = kinds.randomElement(using: &rng)
      }
    }
  }

  /// The same with masks of one reader.
  package func masking(_ reader: SimulationReader, _ masks: FieldMasks) -> SimulationPolicy {
    var result = self
    result.masks[reader] = masks
    return result
  }

  package func masks(of node: NodeID, in ledger: LedgerID) -> FieldMasks {
    if masks.isEmpty { return FieldMasks() }
    let readers = SimulationReader.of(node, tree)
    var result = FieldMasks()
    for reader in readers {
      for (field, mask) in masks[reader]?.entries ?? [] {
        result[field] = result[field].map { max($0, mask) } ?? mask
      }
    }
    return result.of(fields(of: node, in: ledger))
  }

  package func masks(
    of node: NodeID, in ledger: LedgerID, homes: [Home]
  ) -> FieldMasks {
    if masks.isEmpty { return FieldMasks() }
    let isElsewhere =
      node == tree.department
      ? !homes.contains { $0.code == tree.villages[0].code }
      : homes.contains { $0.code != node.code }
    guard let reader = SimulationReader.of(node, tree, isElsewhere: isElsewhere) else {
      return FieldMasks()
    }
    return (masks[reader] ?? FieldMasks()).of(fields(of: node, in: ledger, homes: homes))
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

  /// A home in the first village gives the department its own fields whatever the others give; one elsewhere masks what a village sees.
  package func givesSame(
    as old: any ViewPolicy, to node: NodeID, in ledger: LedgerID, for home: Home
  ) -> Bool {
    guard let old = old as? SimulationPolicy else { return false }
    let seat = node == tree.department ? tree.villages[0].code : node.code
    if let reader = SimulationReader.of(node, tree, isElsewhere: home.code != seat),
      old.masks[reader] != masks[reader]
    {
      return false
    }
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

/// Who sees a record in one way, as far as masks go.
package enum SimulationReader: Hashable, Sendable {
  case region, city, department, departmentElsewhere, villageElsewhere

  /// All ways in which a node may see records.
  static func of(_ node: NodeID, _ tree: SimulationTree) -> [SimulationReader] {
    [false, true].compactMap { of(node, tree, isElsewhere: $0) }
  }

  static func of(
    _ node: NodeID, _ tree: SimulationTree, isElsewhere: Bool
  ) -> SimulationReader? {
    if node == tree.region { return .region }
    if node == tree.city { return .city }
    if node == tree.department { return isElsewhere ? .departmentElsewhere : .department }
    return node.code.level == .village && isElsewhere ? .villageElsewhere : nil
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
