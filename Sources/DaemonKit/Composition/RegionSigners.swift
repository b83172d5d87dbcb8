import NodeIdentity
import ReplicationEngine
import SignedFeed

/// Admits the feed signers whose certificates lead to the region's root.
struct RegionSigners: SignerAuthority {
  private let verifier: IdentityVerifier

  /// Judges by one root.
  init(verifier: IdentityVerifier) { self.verifier = verifier }

  func admit(_ chain: [[UInt8]]) throws -> SignerKey {
    let (node, raw) = try verifier.admit(chain: chain)
    guard let key = VerificationKey(suite: .ed25519, raw: raw) else {
      throw IdentityError.malformed("the signing key of \(node) has \(raw.count) bytes")
    }
    return SignerKey(node: node, key: key)
  }
}
