import Crypto

/// A node's public key for hand-overs: what is sealed to it only that node can open.
package struct SealingKey: Hashable, Sendable {
  /// The raw X25519 public key, 32 bytes.
  package let raw: [UInt8]
  /// SHA-256 of `raw`: how boxes name the key.
  package let fingerprint: Digest

  /// Takes a raw public key; nil when it does not have 32 bytes.
  package init?(raw: [UInt8]) {
    guard raw.count == 32 else { return nil }
    self.raw = raw
    fingerprint = Digest(hashing: raw)
  }
}

/// A node's private key for hand-overs, held in memory.
package struct SealingIdentity: Sendable {
  let key: Curve25519.KeyAgreement.PrivateKey
  package let publicKey: SealingKey

  /// Makes a new key of the system's random numbers.
  package init() { self.init(Curve25519.KeyAgreement.PrivateKey()) }

  /// Takes a raw X25519 private key of 32 bytes. Throws for another length.
  package init(rawRepresentation: [UInt8]) throws {
    self.init(try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: rawRepresentation))
  }

  private init(_ key: Curve25519.KeyAgreement.PrivateKey) {
    guard let publicKey = SealingKey(raw: [UInt8](key.publicKey.rawRepresentation)) else {
      preconditionFailure("an X25519 public key has 32 bytes")
    }
    self.key = key
    self.publicKey = publicKey
  }

  /// The raw private key, to be stored where only this node reads.
  package var rawRepresentation: [UInt8] { [UInt8](key.rawRepresentation) }
}
