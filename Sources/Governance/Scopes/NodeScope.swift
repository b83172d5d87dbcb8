import ReplicationCore
import Synchronization

/// All that a policy says of one node and one ledger, ready to be asked per record.
struct LedgerScope: Sendable {
  let grants: [HomeGrant]
  /// By home column, in the ledger's order; one for all of them where no rule tells columns apart.
  let tables: [HomeTable]
  /// What is given for whatever home; its masks are the strictest that hold for any home that gives the field.
  let any: ScopeRights
  /// By field number.
  let ranks: [UInt8]
  private let isMasked: Bool

  init(grants: [HomeGrant], columns: [FieldID], ranks: [UInt8]) {
    self.grants = grants
    self.ranks = ranks
    if grants.allSatisfy({ $0.by == nil }) {
      tables = [HomeTable(grants)]
    } else {
      tables = columns.map { column in
        HomeTable(grants.filter { $0.by?.contains(column) ?? true })
      }
    }
    var any = ScopeRights()
    for entry in tables.lazy.flatMap(\.entries) {
      var rights = entry.rights
      rights.masks = entry.shown
      rights.unmask = []
      any.add(rights)
    }
    self.any = any
    isMasked = !any.masks.isEmpty
  }

  /// What is given for a record with these homes.
  func rights(homes: [Home]) -> ScopeRights {
    var sum: ScopeRights?
    forEach(homes) { entry in
      if sum == nil { sum = entry.rights } else { sum?.add(entry.rights) }
    }
    return sum ?? ScopeRights()
  }

  func read(homes: [Home]) -> FieldSet {
    var bits: UInt64 = 0
    forEach(homes) { bits |= $0.rights.read.bits }
    return FieldSet(bits: bits)
  }

  func masks(homes: [Home]) -> FieldMasks {
    isMasked ? rights(homes: homes).shownMasks : FieldMasks()
  }

  /// Every entry that holds for one of the homes.
  private func forEach(_ homes: [Home], _ body: (HomeTable.Entry) -> Void) {
    for home in homes {
      let table = tables[min(Int(home.column), tables.count - 1)]
      if let slot = table.slot(of: home.code) { body(table.entries[slot]) }
    }
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
