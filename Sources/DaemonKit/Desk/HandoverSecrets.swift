import ReplicationCore
import ReplicationEngine
import SignedFeed

/// What a node needs to open hand-overs and to sign its own.
struct HandoverSecrets: Sendable {
  let node: NodeID
  let sealing: SealingIdentity
  let signer: any BatchSigner
  /// The node's own signing certificate.
  let own: SignerRecord

  /// The public key as peers are told it. Throws when the signing key cannot be used.
  func announcement() throws -> HandoverKey {
    try HandoverKey(of: node, sealing.publicKey, signedBy: signer, chain: own.chain)
  }
}
