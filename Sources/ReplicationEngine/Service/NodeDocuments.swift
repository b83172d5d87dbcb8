package import ReplicationCore

/// Whether the region signed a policy or a catalog.
package protocol DocumentAuthority: Sendable {
  /// Returns when the signature holds; throws why not.
  func check(_ document: SignedDocument) throws
  /// Whether two documents say the same, whoever's certificates they carry.
  func areSame(_ a: SignedDocument, _ b: SignedDocument) -> Bool
}

extension DocumentAuthority {
  package func areSame(_ a: SignedDocument, _ b: SignedDocument) -> Bool { a.body == b.body }
}

/// Makes the rules of signed documents.
package protocol DocumentAdoption: Sendable {
  /// Compiles the newest documents and makes the store ready for them (tables of new ledgers); the rules to go on with.
  ///
  /// Nil: they are not complete yet, a catalog or a policy is missing. Throws a `LinkRefusal` (`documentRefused`) for documents that cannot be understood.
  func adopt(_ documents: [SignedDocument]) async throws -> (any LinkEngine)?
  /// Policies of former epochs were stored: what was written under them is judged by them.
  func shelve(_ documents: [SignedDocument])
  /// A policy that is planned, with the catalog in force; nothing of it takes effect. Throws when it cannot be understood here.
  func candidate(_ source: [UInt8]) throws -> any ViewPolicy
}

extension DocumentAdoption {
  package func shelve(_ documents: [SignedDocument]) {}
  package func candidate(_ source: [UInt8]) throws -> any ViewPolicy {
    throw PlanFailure.unreadable
  }
}

/// A document that is given out does not have a higher epoch than the one in force.
package struct DocumentNotNewer: Error, Hashable {
  /// The epoch in force.
  package let newest: UInt64

  package init(newest: UInt64) { self.newest = newest }
}
