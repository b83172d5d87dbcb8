import NodeIdentity
import ReplicationCore
import ReplicationEngine
import SignedFeed

/// A policy or catalog as the region signs it: the signer's certificates travel inside the signed body, so that whoever
/// holds the region's root can check it.
extension SignedDocument {
  /// Signs `content` with the region's policy key.
  init(
    _ kind: Kind, epoch: UInt64, content: [UInt8], signedBy identity: SigningIdentity
  ) throws {
    var body = ByteWriter(capacity: content.count + 2048)
    body.varint(UInt64(identity.chain.count))
    for certificate in identity.chain { body.lengthPrefixed(certificate) }
    body.raw(content)
    let signer = try Ed25519Signer(rawRepresentation: identity.privateKey)
    let message = Self.message(kind, epoch, body.bytes)
    self.init(
      kind: kind, epoch: epoch, body: body.bytes, signer: signer.fingerprint,
      signature: try signer.sign(message))
  }

  /// What was signed, without the certificates. Throws when the body has no certificates in front.
  func content() throws -> [UInt8] { try split().content }

  /// Checks that the region's policy key signed this. Throws why not.
  func check(_ verifier: IdentityVerifier) throws {
    let identity = try verifier.verify(try split().chain, for: .policy, at: nil)
    guard let raw = identity.signingKey,
      let key = VerificationKey(suite: .ed25519, raw: raw), key.fingerprint == signer
    else { throw FeedError(.wrongSigner, "the certificate is not that of the signing key") }
    guard key.isValid(signature: signature, for: Self.message(kind, epoch, body)) else {
      throw FeedError(.badSignature, "the signature is not over this document")
    }
  }

  private func split() throws -> (chain: [[UInt8]], content: [UInt8]) {
    var input = ByteReader(body)
    var chain: [[UInt8]] = []
    for _ in 0..<(try input.count(max: IdentityVerifier.maximumChain)) {
      chain.append(Array(try input.lengthPrefixed(max: IdentityVerifier.maximumCertificateBytes)))
    }
    return (chain, Array(try input.raw(input.remaining)))
  }

  private static func message(_ kind: Kind, _ epoch: UInt64, _ body: [UInt8]) -> [UInt8] {
    var message = ByteWriter(capacity: body.count + 64)
    message.text("huijia document 1")
    message.byte(kind.rawValue)
    message.varint(epoch)
    message.lengthPrefixed(body)
    return message.bytes
  }
}
