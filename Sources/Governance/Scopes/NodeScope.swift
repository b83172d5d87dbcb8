import ReplicationCore
import Synchronization

/// A division and all below it as two numbers: a code belongs when its number divided by `unit` is `quotient`.
struct HomePrefix: Sendable, Hashable {
  let unit: UInt64
  let quotient: UInt64

  /// Every code.
  static let everywhere = HomePrefix(unit: 1_000_000_000_000, quotient: 0)

  init(unit: UInt64, quotient: UInt64) {
    self.unit = unit
    self.quotient = quotient
  }

  /// A division and all below it.
  init(_ code: DivisionCode) {
    unit = code.level.unit
    quotient = code.number / unit
  }

  func contains(_ code: DivisionCode) -> Bool { code.number / unit == quotient }

  /// The division's codes, its own and those below it; nil for everywhere.
  var codes: ClosedRange<DivisionCode>? {
    guard self != .everywhere, let first = DivisionCode(number: quotient * unit),
      let last = DivisionCode(number: quotient * unit + unit - 1)
    else { return nil }
    return first...last
  }

  /// The division itself; nil for everywhere.
  var code: DivisionCode? {
    self == .everywhere ? nil : DivisionCode(number: quotient * unit)
  }
}

/// What one rule gives a node for one division's homes.
struct HomeGrant: Sendable, Hashable {
  let prefix: HomePrefix
  let read: FieldSet
  let maintain: FieldSet
  /// The rule's index in the document.
  let rule: Int
}

/// All that a policy says of one node and one ledger, ready to be asked per record.
struct LedgerScope: Sendable {
  let grants: [HomeGrant]
  /// The same for reading, one entry a division.
  let views: [(prefix: HomePrefix, read: FieldSet)]
  let anyRead: FieldSet
  let anyMaintain: FieldSet
  /// By field number.
  let ranks: [UInt8]

  init(grants: [HomeGrant], ranks: [UInt8]) {
    self.grants = grants
    self.ranks = ranks
    var merged: [(prefix: HomePrefix, read: FieldSet)] = []
    for grant in grants where !grant.read.isEmpty {
      if let at = merged.firstIndex(where: { $0.prefix == grant.prefix }) {
        merged[at].read.formUnion(grant.read)
      } else {
        merged.append((grant.prefix, grant.read))
      }
    }
    views = merged
    anyRead = merged.reduce(into: FieldSet()) { $0.formUnion($1.read) }
    anyMaintain = grants.reduce(into: FieldSet()) { $0.formUnion($1.maintain) }
  }

  func read(homes: [Home]) -> FieldSet {
    var bits: UInt64 = 0
    for view in views {
      for home in homes where view.prefix.contains(home.code) { bits |= view.read.bits }
    }
    return FieldSet(bits: bits)
  }

  func maintain(homes: [Home]) -> FieldSet {
    var bits: UInt64 = 0
    for grant in grants where !grant.maintain.isEmpty {
      for home in homes where grant.prefix.contains(home.code) { bits |= grant.maintain.bits }
    }
    return FieldSet(bits: bits)
  }
}

/// All that a policy says of one node, by the catalog's slots of ledgers.
final class NodeScope: Sendable {
  let ledgers: [LedgerScope]
  init(_ ledgers: [LedgerScope]) { self.ledgers = ledgers }
}

/// Remembers what was worked out for nodes.
final class ScopeCache: Sendable {
  /// The most nodes remembered; past it all are forgotten, since a node asks for few peers and authors.
  static let limit = 8_192
  private let nodes = Mutex<[NodeID: NodeScope]>([:])

  func scope(of node: NodeID, make: (NodeID) -> NodeScope) -> NodeScope {
    if let known = nodes.withLock({ $0[node] }) { return known }
    let fresh = make(node)
    nodes.withLock { nodes in
      if nodes.count >= Self.limit { nodes.removeAll() }
      nodes[node] = fresh
    }
    return fresh
  }
}
