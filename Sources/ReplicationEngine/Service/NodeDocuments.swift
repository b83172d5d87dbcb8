/// Whether the region signed a policy or a catalog.
package protocol DocumentAuthority: Sendable {
  /// Returns when the signature holds; throws why not.
  func check(_ document: SignedDocument) throws
}

/// Makes the rules of signed documents.
package protocol DocumentAdoption: Sendable {
  /// Compiles the newest documents and makes the store ready for them (tables of new ledgers); the rules to go on with.
  ///
  /// Nil: they are not complete yet, a catalog or a policy is missing. Throws a `LinkRefusal` (`documentRefused`) for documents that cannot be understood.
  func adopt(_ documents: [SignedDocument]) async throws -> (any LinkEngine)?
}
