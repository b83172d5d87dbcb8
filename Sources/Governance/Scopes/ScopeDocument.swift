package import ReplicationCore

/// Which links carry verified data only.
package enum GatedLoop: String, Sendable, Hashable, CaseIterable {
  /// Links whose parent is a city or a region.
  case outer
  /// All other links.
  case inner
  case both

  /// Whether a link to this parent belongs to the loop.
  package func includes(parent: NodeID) -> Bool {
    switch self {
    case .both: true
    case .outer: parent.slug.isEmpty && parent.code.level <= .city
    case .inner: !GatedLoop.outer.includes(parent: parent)
    }
  }
}

/// The gate of one ledger (采核): upwards over links of the loop only verified data passes.
package struct LedgerGate: Sendable, Hashable {
  package let ledger: LedgerID
  package let loop: GatedLoop
  /// After how many days a verification expires; nil: never.
  package let days: Int?
  /// Where it stands in the policy's document; both from 1.
  package let line: Int
  package let column: Int
}

/// A policy as written: what the compiler works on.
package struct ScopeDocument: Sendable, Hashable {
  package let epoch: UInt64
  /// The one region that the tree is of.
  package let region: DivisionCode
  /// Which levels have nodes of their own, from the region down.
  package let tiers: [DivisionLevel]
  /// In the order of the document.
  package let rules: [ScopeRule]
  /// For every field that has any: the catalog's order, or the policy's in its place.
  package let authorities: [AuthorityOrder]
  /// One entry a gated ledger, ascending by ledger.
  package let gates: [LedgerGate]
  /// Before when changes signed under older epochs are still judged by those epochs, in microseconds since 1970 UTC; nil: always.
  package let olderUntil: Int64?
  /// The day as of which the region signed it: rules whose last day lies before give nothing; nil: all rules hold.
  package let asOf: CalendarDay?
}

extension ScopeDocument {
  /// Reads a policy's YAML against a catalog. Throws every problem with its line; does not check path closure.
  package init(_ bytes: [UInt8], catalog: Catalog, file: String = "scopes.yaml") throws(Problems) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problems([
        Problem(file: file, line: 0, column: 0, message: "the policy is not UTF-8")
      ])
    }
    var parser = ScopeParser(catalog: catalog, file: file)
    self = try parser.parse(text)
  }

  /// The same document with other rules.
  func with(rules: [ScopeRule]) -> ScopeDocument {
    ScopeDocument(
      epoch: epoch, region: region, tiers: tiers, rules: rules, authorities: authorities,
      gates: gates, olderUntil: olderUntil, asOf: asOf)
  }

  /// Rules that have ended by a day.
  package func ended(by day: CalendarDay) -> [ScopeRule] { rules.filter { !$0.holds(on: day) } }

  /// The document without the rules that had ended when it was signed.
  var inForce: ScopeDocument {
    guard let asOf, !ended(by: asOf).isEmpty else { return self }
    return with(rules: rules.filter { $0.holds(on: asOf) })
  }
}
