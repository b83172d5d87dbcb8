package import ReplicationCore

/// For which homes a rule holds.
package enum RuleHomes: Sendable, Hashable, CustomStringConvertible {
  /// The subject's own division and all below it.
  case own
  /// The subject's own code, nothing below it.
  case ownCode
  /// Every home.
  case all
  /// These divisions and all below them.
  case codes([DivisionCode])

  package var description: String {
    switch self {
    case .own: "own"
    case .ownCode: "own-code"
    case .all: "all"
    case .codes(let codes): codes.map(\.description).joined(separator: ", ")
    }
  }
}

/// What a rule lets its subjects do, apart from whom and where.
package struct ScopeRights: Sendable, Hashable {
  /// What may be read; includes what may be maintained, and where anything is readable existence and the home columns.
  package internal(set) var read: FieldSet = []
  package internal(set) var maintain: FieldSet = []
  /// Fields whose values may be vouched for (采核).
  package internal(set) var verify: FieldSet = []
  /// Fields in which it may be decided between values that stand; whoever maintains a field may do so anyway.
  package internal(set) var resolve: FieldSet = []
  package internal(set) var creates = false
  package internal(set) var deletes = false
  /// How readable fields are masked; what is not named is shown as it is.
  package internal(set) var masks = FieldMasks()
  /// Fields that are shown as they are though another rule masks them.
  package internal(set) var unmask: FieldSet = []

  init() {}

  /// Adds what another rule gives beside this one: the union of rights, the strictest of masks.
  mutating func add(_ other: ScopeRights) {
    read.formUnion(other.read)
    maintain.formUnion(other.maintain)
    verify.formUnion(other.verify)
    resolve.formUnion(other.resolve)
    creates = creates || other.creates
    deletes = deletes || other.deletes
    unmask.formUnion(other.unmask)
    masks.formStricter(other.masks)
  }

  /// The masks that remain once every rule has been added: those that no rule takes off.
  var shownMasks: FieldMasks { masks.subtracting(unmask) }
}

/// One rule of a policy: who may do what with which fields of a ledger for which homes.
package struct ScopeRule: Sendable, Hashable {
  package let name: String
  /// Where it stands in the policy's document; both from 1.
  package let line: Int
  package let column: Int
  package let subjects: [ScopeSubject]
  package let ledger: LedgerID
  package let homes: RuleHomes
  /// The home columns that count; nil: all of the ledger's.
  package let by: FieldSet?
  package let rights: ScopeRights
  /// What the data is used for (用途); nil when none is given.
  package let purpose: String?
  /// The legal basis in words (依据); nil when none is given.
  package let basis: String?
  /// The last day on which the rule holds; nil when it has no end.
  package let until: CalendarDay?

  package var read: FieldSet { rights.read }
  package var maintain: FieldSet { rights.maintain }

  /// `NAME (line N)`.
  package var label: String { "\(name) (line \(line))" }

  /// Whether the rule still holds on a day.
  package func holds(on day: CalendarDay) -> Bool { until.map { $0 >= day } ?? true }
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
