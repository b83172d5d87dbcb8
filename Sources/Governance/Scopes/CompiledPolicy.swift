import ReplicationCore

/// A policy that was read, checked against a catalog and for path closure, and can be asked per record.
package struct CompiledPolicy: Sendable {
  /// The document as signed: the YAML's bytes.
  package let bytes: [UInt8]
  package let document: ScopeDocument
  package let catalog: Catalog
  /// Which rules and authorities are about a ledger, by the catalog's slots: a node's scope is worked out from those alone.
  private let rules: [[Int]]
  private let orders: [[AuthorityOrder]]
  private let gates: [LedgerGate?]
  private let cache: ScopeCache

  /// Reads a policy's YAML. Throws every problem with its line, or when it can be read every error of what it means.
  package init(
    _ bytes: [UInt8], catalog: Catalog, file: String = "scopes.yaml"
  ) throws(Problems) {
    let whole = try ScopeDocument(bytes, catalog: catalog, file: file)
    self.init(bytes: bytes, document: whole, catalog: catalog)
    let errors = PolicyCheck(policy: self, file: file).errors()
    if !errors.isEmpty { throw Problems(errors) }
  }

  /// Takes a document without the checks of what it means.
  package init(bytes: [UInt8], document whole: ScopeDocument, catalog: Catalog) {
    let document = whole.inForce
    self.bytes = bytes
    self.document = document
    self.catalog = catalog
    rules = catalog.ledgers.map { ledger in
      document.rules.indices.filter { document.rules[$0].ledger == ledger.id }
    }
    orders = catalog.ledgers.map { ledger in
      document.authorities.filter { $0.ledger == ledger.id }
    }
    cache = ScopeCache()
    gates = catalog.ledgers.map { ledger in document.gates.first { $0.ledger == ledger.id } }
  }

  /// The policy without the rules whose last day lies before a day; itself when all hold, or when there is no day.
  package func asOf(_ day: CalendarDay?) -> CompiledPolicy {
    guard let day else { return self }
    let kept = document.rules.filter { $0.holds(on: day) }
    if kept.count == document.rules.count { return self }
    return CompiledPolicy(bytes: bytes, document: document.with(rules: kept), catalog: catalog)
  }

  /// The last days of rules, ascending, each once: on the day after one of them views change.
  package var lastDays: [CalendarDay] { Set(document.rules.compactMap(\.until)).sorted() }

  /// What the policy says of a node and a ledger; nil when the catalog has no such ledger.
  func scope(of node: NodeID, in ledger: LedgerID) -> LedgerScope? {
    guard let slot = catalog.slot(of: ledger) else { return nil }
    return cache.scope(of: node, make: compile).ledgers[slot]
  }

  private func compile(_ node: NodeID) -> NodeScope {
    NodeScope(
      catalog.ledgers.enumerated().map { slot, ledger in
        LedgerScope(
          grants: grants(of: node, slot: slot), columns: ledger.homes,
          ranks: rankTable(of: node, slot: slot))
      })
  }

  private func grants(of node: NodeID, slot: Int) -> [HomeGrant] {
    guard document.region.contains(node.code) else { return [] }
    var grants: [HomeGrant] = []
    for index in rules[slot] {
      let rule = document.rules[index]
      guard rule.subjects.contains(where: { $0.contains(node) }) else { continue }
      for prefix in rule.homes.prefixes(of: node) {
        grants.append(HomeGrant(prefix: prefix, by: rule.by, rights: rule.rights, rule: index))
      }
    }
    return grants
  }

  private func rankTable(of node: NodeID, slot: Int) -> [UInt8] {
    var ranks = [UInt8](repeating: 0, count: Int(FieldSet.limit))
    for order in orders[slot] { ranks[Int(order.field.number)] = order.rank(of: node) }
    return ranks
  }

  /// The gate of a ledger; nil when it has none.
  func gate(of ledger: LedgerID) -> LedgerGate? { catalog.slot(of: ledger).flatMap { gates[$0] } }
}

extension RuleHomes {
  /// The prefixes that a rule with these homes gives a node.
  func prefixes(of node: NodeID) -> [HomePrefix] {
    switch self {
    case .own: [HomePrefix(node.code)]
    case .ownCode: [HomePrefix(exactly: node.code)]
    case .all: [.everywhere]
    case .codes(let codes): codes.map { HomePrefix($0) }
    }
  }
}
