/// What a policy says of authorship: who may write what, and whose word counts more. A pure function of one policy epoch.
package protocol AuthorityPolicy: Sendable {
  /// Until when changes may still be signed under older epochs, in microseconds since 1970 UTC; nil: without an end.
  var olderUntil: Int64? { get }
  /// The rank that a write of this field by this author carries; 0 when the author is in no list of authorities.
  func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8
  /// The ranks of all fields, by their numbers: one look for a whole change.
  func ranks(of author: NodeID, in ledger: LedgerID) -> [UInt8]
  /// Why an author may not do this to a record; nil when it may. Names the field, the rule and its line.
  ///
  /// `before` is the routing that the record had: `neverKnown` or no homes when the write creates it; nil when nobody here can tell,
  /// and then only what the author may do for no home at all is refused. `after` is the routing with the write applied.
  func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String?
}

extension AuthorityPolicy {
  package var olderUntil: Int64? { nil }

  package func ranks(of author: NodeID, in ledger: LedgerID) -> [UInt8] {
    (0..<FieldSet.limit).map { rank(of: author, field: FieldID($0), in: ledger) }
  }
}

/// All that the rules ask of one policy epoch.
package typealias SharingPolicy = ViewPolicy & AuthorityPolicy
