import Crypto

/// A signer's public key.
package struct VerificationKey: Hashable, Sendable {
  package let suite: SignatureSuite
  /// The raw public key, as long as the suite says.
  package let raw: [UInt8]
  /// SHA-256 of `raw`: how headers name the key.
  package let fingerprint: Digest

  /// Takes a raw public key; nil when its length is not the suite's.
  package init?(suite: SignatureSuite, raw: [UInt8]) {
    guard raw.count == suite.publicKeyBytes else { return nil }
    self.suite = suite
    self.raw = raw
    fingerprint = Digest(hashing: raw)
  }

  /// Whether `signature` is this key's over `message`; false also for a key that is no point of the curve.
  package func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
    guard signature.count == suite.signatureBytes,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { return false }
    return key.isValidSignature(signature, for: message)
  }
}
