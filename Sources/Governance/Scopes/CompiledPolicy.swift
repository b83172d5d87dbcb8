package import ReplicationCore

/// A policy that was read, checked against a catalog and for path closure, and can be asked per record.
package struct CompiledPolicy: Sendable {
  /// The document as signed: the YAML's bytes.
  package let bytes: [UInt8]
  package let document: ScopeDocument
  package let catalog: Catalog
  private let cache = ScopeCache()

  /// Reads a policy's YAML. Throws every problem with its line, then those of path closure.
  ///
  /// - Parameter day: rules whose last day lies before it are left out; nil: all rules hold.
  package init(
    _ bytes: [UInt8], catalog: Catalog, file: String = "scopes.yaml", asOf day: CalendarDay? = nil
  ) throws(Problems) {
    let whole = try ScopeDocument(bytes, catalog: catalog, file: file)
    let rules = whole.rules.filter { rule in
      guard let day, let until = rule.until else { return true }
      return until >= day
    }
    self.init(
      bytes: bytes,
      document: ScopeDocument(
        epoch: whole.epoch, region: whole.region, tiers: whole.tiers, rules: rules,
        authorities: whole.authorities), catalog: catalog)
    let blocked = closureProblems(file: file)
    if !blocked.isEmpty { throw Problems(blocked) }
  }

  /// The flows that a relay on the way stops, each with the reader's rule as its place; empty when the policy may be used.
  package func closureProblems(file: String = "scopes.yaml") -> [Problem] {
    ClosureCheck(policy: self).blocked().map {
      Problem(file: file, line: $0.line, column: 1, message: $0.message, hint: $0.hint)
    }
  }

  /// Takes a document without the check of path closure, which `closureProblems` makes.
  package init(bytes: [UInt8], document: ScopeDocument, catalog: Catalog) {
    self.bytes = bytes
    self.document = document
    self.catalog = catalog
  }

  /// What the policy says of a node and a ledger; nil when the catalog has no such ledger.
  func scope(of node: NodeID, in ledger: LedgerID) -> LedgerScope? {
    guard let slot = catalog.slot(of: ledger) else { return nil }
    return cache.scope(of: node, make: compile).ledgers[slot]
  }

  private func compile(_ node: NodeID) -> NodeScope {
    NodeScope(
      catalog.ledgers.map { ledger in
        LedgerScope(
          grants: grants(of: node, in: ledger.id), ranks: rankTable(of: node, in: ledger.id))
      })
  }

  private func grants(of node: NodeID, in ledger: LedgerID) -> [HomeGrant] {
    guard document.region.contains(node.code) else { return [] }
    var grants: [HomeGrant] = []
    for (index, rule) in document.rules.enumerated() {
      guard rule.ledger == ledger, rule.subjects.contains(where: { $0.contains(node) }) else {
        continue
      }
      let prefixes: [HomePrefix] =
        switch rule.homes {
        case .own: [HomePrefix(node.code)]
        case .all: [.everywhere]
        case .codes(let codes): codes.map { HomePrefix($0) }
        }
      for prefix in prefixes {
        grants.append(
          HomeGrant(prefix: prefix, read: rule.read, maintain: rule.maintain, rule: index))
      }
    }
    return grants
  }

  private func rankTable(of node: NodeID, in ledger: LedgerID) -> [UInt8] {
    var ranks = [UInt8](repeating: 0, count: Int(FieldSet.limit))
    for order in document.authorities where order.ledger == ledger {
      ranks[Int(order.field.number)] = order.rank(of: node)
    }
    return ranks
  }
}

extension CompiledPolicy: ViewPolicy {
  package var epoch: UInt64 { document.epoch }

  package func routingFields(of ledger: LedgerID) -> [FieldID] { catalog[ledger]?.homes ?? [] }

  package func lane(of ledger: LedgerID) -> Lane { catalog[ledger]?.lane ?? .bulk }

  package func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    scope(of: node, in: ledger)?.anyRead ?? FieldSet()
  }

  package func fields(
    of node: NodeID, in ledger: LedgerID, homes: [Home]
  ) -> FieldSet {
    scope(of: node, in: ledger)?.read(homes: homes) ?? FieldSet()
  }

  package func divisions(of node: NodeID, in ledger: LedgerID) -> [ClosedRange<DivisionCode>]? {
    guard let views = scope(of: node, in: ledger)?.views else { return [] }
    let codes = views.compactMap(\.prefix.codes)
    return codes.count == views.count ? codes : nil
  }

  /// No policy can ask for verified data only yet.
  package func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool {
    false
  }
}
