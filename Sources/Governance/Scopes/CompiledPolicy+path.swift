package import ReplicationCore

/// How fields of a ledger come from one node to another: who on the way may hold them, and by which rules.
package struct ScopePath: Sendable, Hashable {
  /// The fields that come this way, ascending.
  package let fields: [FieldID]
  /// From where they are written, or from the node that asks, to the node that is asked about.
  package let hops: [ScopeHop]

  /// The first hop at which a field stops; nil when it comes through, gates apart.
  package func stop(of field: FieldID) -> ScopeHop? {
    hops.first { hop in hop.fields.contains { $0.field == field && !$0.isGiven } }
  }
}

/// One node of a path and what it may hold of what comes this way.
package struct ScopeHop: Sendable, Hashable {
  package enum Direction: String, Sendable, Hashable {
    case start, up, down
  }

  package let node: NodeID
  package let direction: Direction
  /// Only verified data passes the link to this node.
  package let isGated: Bool
  package let fields: [HopField]
}

/// What a node of a path may see of one field, and why.
package struct HopField: Sendable, Hashable {
  package let field: FieldID
  package let isGiven: Bool
  /// As a policy writes it; nil: shown as it is, or not at all.
  package let mask: String?
  /// The rules that give it; where none does, those that would for other homes.
  package let rules: [ScopeRule]
}

extension CompiledPolicy {
  /// The ways on which a ledger's fields come to a node. Empty when the catalog has no such ledger.
  ///
  /// - Parameters:
  ///   - homes: of the record; then each field starts at the home's own node if that writes it, else at the nearest node that does. Nil:
  ///     whatever record, and all fields start at `asker`.
  package func paths(
    to node: NodeID, of ledger: LedgerID, homes: [Home]?, from asker: NodeID
  ) -> [ScopePath] {
    guard let declared = catalog[ledger] else { return [] }
    let tree = AdministrativeTree(tiers: document.tiers)
    let start = homes?.first.map { tree.node(at: $0.code) } ?? asker
    var starts: [NodeID] = [start]
    var fields: [NodeID: [FieldID]] = [start: []]
    for field in declared.fields.map(\.id) {
      var from = start
      if let homes {
        let writers = holders(in: ledger, homes: homes) { $0.maintain.contains(field) }
        if !writers.contains(start), let first = writers.first { from = first }
      }
      if fields[from] == nil { starts.append(from) }
      fields[from, default: []].append(field)
    }
    return starts.compactMap { from in
      guard let way = tree.path(from: from, to: node), let own = fields[from], !own.isEmpty else {
        return nil
      }
      return ScopePath(fields: own, hops: hops(way, own, declared, homes))
    }
  }

  private func hops(
    _ way: (up: [NodeID], down: [NodeID]), _ fields: [FieldID], _ ledger: Ledger, _ homes: [Home]?
  ) -> [ScopeHop] {
    var hops: [ScopeHop] = []
    for node in way.up + way.down {
      let direction: ScopeHop.Direction =
        hops.isEmpty ? .start : hops.count < way.up.count ? .up : .down
      // Upwards homes do not count.
      let counted = direction == .up ? nil : homes
      let isGated = hops.last.map { self.isGated(from: $0.node, to: node, in: ledger.id) } ?? false
      hops.append(
        ScopeHop(
          node: node, direction: direction, isGated: direction == .up && isGated,
          fields: fields.map { hopField($0, at: node, ledger, counted) }))
    }
    return hops
  }

  private func hopField(
    _ field: FieldID, at node: NodeID, _ ledger: Ledger, _ homes: [Home]?
  ) -> HopField {
    guard let scope = scope(of: node, in: ledger.id) else {
      return HopField(field: field, isGiven: false, mask: nil, rules: [])
    }
    let rights = homes.map { scope.rights(homes: $0) } ?? scope.any
    let masks = homes == nil ? scope.any.masks : rights.shownMasks
    let isGiven = rights.read.contains(field)
    let grants = scope.grants.filter { grant in
      grant.rights.read.contains(field)
        && (!isGiven || homes.map { grant.holds(for: $0, in: ledger) } ?? true)
    }
    var rules: [ScopeRule] = []
    for grant in grants where !rules.contains(document.rules[grant.rule]) {
      rules.append(document.rules[grant.rule])
    }
    return HopField(
      field: field, isGiven: isGiven, mask: isGiven ? masks[field]?.words : nil, rules: rules)
  }

  /// The divisions, with their departments, that have a right over records with these homes: those above each home, from the village up.
  func holders(
    in ledger: LedgerID, homes: [Home], _ have: (ScopeRights) -> Bool
  ) -> [NodeID] {
    let tree = AdministrativeTree(tiers: document.tiers)
    let slugs = departments
    var found: [NodeID] = []
    for home in homes {
      for above in tree.ascent(from: tree.node(at: home.code)) {
        for node in [above] + slugs.compactMap({ NodeID(code: above.code, slug: $0) }) {
          guard !found.contains(node), let scope = scope(of: node, in: ledger) else { continue }
          if have(scope.rights(homes: homes)) { found.append(node) }
        }
      }
    }
    return found
  }

  /// The slugs of departments that rules name, ascending.
  package var departments: [String] {
    Set(document.rules.lazy.flatMap(\.subjects).compactMap(\.department)).sorted()
  }
}

extension HomeGrant {
  /// Whether it holds for a record with these homes.
  func holds(for homes: [Home], in ledger: Ledger) -> Bool {
    homes.contains { home in
      prefix.contains(home.code) && (by?.contains(ledger.homes[Int(home.column)]) ?? true)
    }
  }
}

extension AdministrativeTree {
  /// The node that a division's records are at home at: its own, or the nearest above where its level has none.
  func node(at code: DivisionCode) -> NodeID {
    // A code without a slug always names a node.
    guard let node = NodeID(code: code) else { preconditionFailure("a slug of no letters") }
    return tiers.contains(code.level) ? node : parent(of: node) ?? node
  }
}
