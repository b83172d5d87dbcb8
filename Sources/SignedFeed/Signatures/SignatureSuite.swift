/// How a batch is hashed and signed; the header names it. The number 2 is kept for SM2 with SM3.
package enum SignatureSuite: UInt8, Sendable, Hashable, CaseIterable {
  /// Ed25519 (RFC 8032) over SHA-256 digests.
  case ed25519 = 1

  /// Bytes of a raw public key.
  package var publicKeyBytes: Int { 32 }
  /// Bytes of a signature.
  package var signatureBytes: Int { 64 }
}
