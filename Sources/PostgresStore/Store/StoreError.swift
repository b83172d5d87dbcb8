package import ReplicationCore

/// What went wrong in the store, for an operator.
package enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The database cannot be reached or gave up.
  case unavailable(PostgresError)
  /// The database is not what a node needs; the text says what and what to do.
  case unsuitable(String)
  /// A record of a ledger that the catalog does not declare.
  case unknownLedger(LedgerID)
  /// A key that is not one of its ledger's type.
  case invalidKey(RecordRef)
  /// Applications kept inserting keys that were being applied; one of them where it is known. The same work may be tried again.
  case contended(RecordRef?)
  /// Stored bytes that cannot be read: the place, and what was expected.
  case damaged(table: String, detail: String)

  package var description: String {
    switch self {
    case .unavailable(let error): "the database gave up: \(error)"
    case .unsuitable(let text): text
    case .unknownLedger(let id): "\(id) is not declared in this node's catalog"
    case .invalidKey(let ref): "\(ref) is not a key of its ledger's type"
    case .contended(let ref):
      "applications keep inserting records that are being applied"
        + (ref.map { " (\($0))" } ?? "") + ": tried again with the next batch"
    case .damaged(let table, let detail): "damaged bytes in \(table): \(detail)"
    }
  }
}

/// Records that an application holds in a way that only shows on insert, or whose rows their table does not take: the work is
/// done again with them taken as busy.
struct Contention: Error {
  var refs: Set<RecordRef> = []
  var refused: [RecordRef: PostgresError] = [:]

  var isEmpty: Bool { refs.isEmpty && refused.isEmpty }

  /// One of the records; nil when none is known.
  var anyRef: RecordRef? { refs.min() ?? refused.keys.min() }

  func contains(_ ref: RecordRef) -> Bool { refs.contains(ref) || refused[ref] != nil }

  mutating func formUnion(_ other: Contention) {
    refs.formUnion(other.refs)
    refused.merge(other.refused) { $1 }
  }
}
