package import ReplicationCore

/// For which homes a rule holds.
package enum RuleHomes: Sendable, Hashable, CustomStringConvertible {
  /// The subject's own division and all below it.
  case own
  /// Every home.
  case all
  /// These divisions and all below them.
  case codes([DivisionCode])

  package var description: String {
    switch self {
    case .own: "own"
    case .all: "all"
    case .codes(let codes): codes.map(\.description).joined(separator: ", ")
    }
  }
}

/// One rule of a policy: who may read and maintain which fields of a ledger for which homes.
package struct ScopeRule: Sendable, Hashable {
  package let name: String
  /// Where it stands in the policy's document; from 1.
  package let line: Int
  package let subjects: [ScopeSubject]
  package let ledger: LedgerID
  package let homes: RuleHomes
  /// What may be read; includes what may be maintained, and where anything is readable existence and the home columns.
  package let read: FieldSet
  package let maintain: FieldSet
  /// The legal basis in words; nil when none is given.
  package let basis: String?
  /// The last day on which the rule holds; nil when it has no end.
  package let until: CalendarDay?

  /// `NAME (line N)`.
  package var label: String { "\(name) (line \(line))" }
}

/// The order of authorities of one field, highest first.
package struct AuthorityOrder: Sendable, Hashable {
  package let ledger: LedgerID
  package let field: FieldID
  package let subjects: [ScopeSubject]

  /// An author's rank: its subject's position counted from the end of the list, 0 when it is not listed.
  package func rank(of author: NodeID) -> UInt8 {
    guard let at = subjects.firstIndex(where: { $0.contains(author) }) else { return 0 }
    return UInt8(clamping: subjects.count - at)
  }
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
}
