/// An identity whose whole chain was checked. Only `IdentityVerifier` makes one.
package struct VerifiedIdentity: Hashable, Sendable {
  /// Whom the certificate names.
  package let name: IdentityName
  /// The raw Ed25519 public key, 32 bytes; nil for a TLS certificate.
  package let signingKey: [UInt8]?
  /// DER certificates, leaf first, root last.
  package let path: [[UInt8]]
  /// The last moment of the first certificate of the path to end, in microseconds since 1970, UTC.
  package let validUntil: Int64
}

/// What a certificate is to be accepted for.
package enum CertificatePurpose: Hashable, Sendable {
  /// Either end of a link.
  case link
  /// A node's feed.
  case feed
  /// A region's policy and catalog: only from the root itself.
  case policy
}
