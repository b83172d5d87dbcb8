import ReplicationCore

/// Masks that hide nothing, and masks where somebody must see.
extension PolicyCheck {
  /// What a node sees of records with some homes, and by what to name it.
  private struct View {
    let node: NodeID
    let scope: LedgerScope
    /// Nil: of whatever record.
    let prefix: HomePrefix?
    let rights: ScopeRights
    let masks: FieldMasks
  }

  /// Every view of the sample's nodes: of each home that their rules tell apart, and of records that come up or have several homes.
  private func views(of ledger: Ledger) -> [View] {
    parties(of: ledger).filter { !$0.scope.any.masks.isEmpty }.flatMap { node, scope in
      scope.tables.flatMap(\.entries).map {
        View(node: node, scope: scope, prefix: $0.prefix, rights: $0.rights, masks: $0.shown)
      } + [View(node: node, scope: scope, prefix: nil, rights: scope.any, masks: scope.any.masks)]
    }
  }

  /// Masked values that another field of the same view gives away.
  func undone() -> [Problem] {
    policy.catalog.ledgers.flatMap { ledger in
      views(of: ledger).filter { !$0.masks.isEmpty }.flatMap { view in
        view.masks.entries.compactMap { entry -> Problem? in
          guard let masked = ledger.field(entry.field),
            let teller = teller(of: masked, entry.mask, view, ledger)
          else { return nil }
          return undone(masked, entry.mask, by: teller, view, ledger)
        }
      }
    }.unique()
  }

  /// The field that gives a masked one away; nil when none does.
  private func teller(
    of masked: LedgerField, _ mask: Mask, _ view: View, _ ledger: Ledger
  ) -> LedgerField? {
    let shown = view.rights.read.subtracting(view.masks.fields)
    let fields = ledger.fields.filter { shown.contains($0.id) }
    if let whole = fields.first(where: { $0.contains.contains(masked.id) }) { return whole }
    let parts = fields.filter { masked.contains.contains($0.id) }
    if case .identityNumber = masked.type, mask == .partial {
      // What stands between the first six and the last four characters is the date of birth.
      return parts.first { $0.type == .date }
    }
    // What is left of a longer number beside the identity number in it are a few digits.
    return parts.first { $0.type == .identityNumber }
  }

  private func undone(
    _ masked: LedgerField, _ mask: Mask, by teller: LedgerField, _ view: View, _ ledger: Ledger
  ) -> Problem? {
    let masking = rule(view.scope, around: view.prefix) { $0.masks[masked.id] == mask }
    guard let masking else { return nil }
    let giving = rule(view.scope, around: view.prefix) { $0.read.contains(teller.id) }
    let whole = teller.contains.contains(masked.id)
    return problem(
      masking,
      "rule \"\(masking.name)\" masks \(masked.name) of ledger \(ledger.name) (\(mask.words)) for "
        + "\(Self.kind(view.node)), which the view undoes: \(teller.name)"
        + (giving.map { ", read by rule \($0.label)," } ?? "")
        + (whole ? " contains it" : " is the part that it hides"),
      hint: "mask \(teller.name) too, or do not give it, or suppress \(masked.name)")
  }

  /// Fields that somebody maintains, verifies or decides without seeing them as they are.
  func blind() -> [Problem] {
    policy.catalog.ledgers.flatMap { ledger in
      parties(of: ledger).flatMap { node, scope in
        scope.tables.flatMap(\.entries).flatMap { entry -> [Problem] in
          let rights = entry.rights
          let acts = rights.maintain.union(rights.verify).union(rights.resolve)
          if acts.isSubset(of: rights.read), scope.any.masks.fields.isDisjoint(with: acts) {
            return []
          }
          let hidden = entry.shown.fields.union(scope.any.masks.fields)
          let unseen = ledger.fieldSet.subtracting(rights.read)
          return [
            ("maintains", rights.maintain, \ScopeRights.maintain),
            ("verifies", rights.verify, \ScopeRights.verify),
            ("resolves", rights.resolve, \ScopeRights.resolve),
          ].flatMap { verb, fields, path -> [Problem] in
            blind(
              verb, fields.intersection(unseen), "does not read", path, node, scope, entry, ledger)
              + blind(
                verb, fields.intersection(hidden).subtracting(unseen), "sees masked", path, node,
                scope, entry, ledger)
          }
        }
      }
    }.unique()
  }

  private func blind(
    _ verb: String, _ fields: FieldSet, _ how: String, _ path: KeyPath<ScopeRights, FieldSet>,
    _ node: NodeID, _ scope: LedgerScope, _ entry: HomeTable.Entry, _ ledger: Ledger
  ) -> [Problem] {
    fields.members.compactMap { field in
      let doing = rule(scope, around: entry.prefix) { $0[keyPath: path].contains(field) }
      guard let doing else { return nil }
      let name = ledger.name(of: field)
      let masking = rule(scope, around: nil) { $0.masks[field] != nil }
      let by = masking.map { " by rule \($0.label)" } ?? ""
      return problem(
        doing,
        "by rule \"\(doing.name)\" \(Self.kind(node)) \(verb) \(name) of ledger \(ledger.name), "
          + "which it \(how)" + (how == "sees masked" ? by : ""),
        hint: how == "sees masked"
          ? "add \(name) to \"unmask\" of the rule" : "add \(name) to \"read\" of the rule")
    }
  }

  /// Fields that a rule shows as they are for some homes, though what comes up from below is masked by the strictest rule.
  func mixed() -> [Problem] {
    policy.catalog.ledgers.flatMap { ledger in
      parties(of: ledger).filter { !$0.scope.any.masks.isEmpty && $0.node.code.level < .village }
        .flatMap { node, scope in
          scope.tables.flatMap(\.entries).filter { $0.prefix.overlaps(HomePrefix(node.code)) }
            .flatMap { entry -> [Problem] in
              let plain = scope.any.masks.fields.intersection(entry.rights.read)
                .subtracting(entry.shown.fields)
              return plain.members.compactMap { field in
                let giving = rule(scope, around: entry.prefix) { $0.read.contains(field) }
                return giving.map { mixed(field, $0, node, scope, ledger) }
              }
            }
        }
    }.unique()
  }

  private func mixed(
    _ field: FieldID, _ giving: ScopeRule, _ node: NodeID, _ scope: LedgerScope, _ ledger: Ledger
  ) -> Problem {
    let name = ledger.name(of: field)
    let masking = rule(scope, around: nil) { $0.masks[field] != nil }
    return problem(
      giving,
      "rule \"\(giving.name)\" shows \(Self.kind(node)) \(name) of ledger \(ledger.name) as it is, "
        + "but what comes up from below is masked for every home"
        + (masking.map { ", by rule \($0.label)" } ?? ""),
      hint: "give other homes no \(name), or add it to \"unmask\" of the masking rule", .warning)
  }
}

extension HomePrefix {
  /// Whether a code can belong to both.
  func overlaps(_ other: HomePrefix) -> Bool { contains(other) || other.contains(self) }
}
