import Crypto

/// Signs with an Ed25519 key held in memory.
package struct Ed25519Signer: BatchSigner {
  private let key: Curve25519.Signing.PrivateKey
  package let publicKey: VerificationKey

  /// Makes a new key of the system's random numbers.
  package init() {
    let key = Curve25519.Signing.PrivateKey()
    self.init(key, [UInt8](key.publicKey.rawRepresentation))
  }

  /// Takes a 32-byte private key (the seed of RFC 8032). Throws for another length.
  package init(rawRepresentation: [UInt8]) throws {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: rawRepresentation)
    self.init(key, [UInt8](key.publicKey.rawRepresentation))
  }

  private init(_ key: Curve25519.Signing.PrivateKey, _ raw: [UInt8]) {
    guard let publicKey = VerificationKey(suite: .ed25519, raw: raw) else {
      preconditionFailure("an Ed25519 public key has 32 bytes")
    }
    self.key = key
    self.publicKey = publicKey
  }

  /// The 32-byte private key, to be stored where only this node reads.
  package var rawRepresentation: [UInt8] { [UInt8](key.rawRepresentation) }

  package var suite: SignatureSuite { .ed25519 }
  package var fingerprint: Digest { publicKey.fingerprint }

  package func sign(_ message: [UInt8]) throws -> [UInt8] {
    [UInt8](try key.signature(for: message))
  }
}
