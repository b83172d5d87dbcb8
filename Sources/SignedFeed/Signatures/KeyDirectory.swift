package import ReplicationCore

/// Whose key a fingerprint is.
package struct SignerKey: Hashable, Sendable {
  package let node: NodeID
  package let key: VerificationKey
  /// The incarnation that the key belongs to; nil: any.
  package let incarnation: UInt32?
  /// The last index that the key may have signed; nil: it was not revoked.
  package let lastGoodIndex: UInt64?

  package init(
    node: NodeID, key: VerificationKey, incarnation: UInt32? = nil, lastGoodIndex: UInt64? = nil
  ) {
    self.node = node
    self.key = key
    self.incarnation = incarnation
    self.lastGoodIndex = lastGoodIndex
  }
}

/// The keys that a node believes in: by registry, never by the dates of certificates.
package protocol KeyDirectory: Sendable {
  /// The key with a fingerprint; nil when it is not known.
  func key(_ fingerprint: Digest) -> SignerKey?
}
