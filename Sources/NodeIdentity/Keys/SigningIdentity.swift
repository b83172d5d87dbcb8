import Crypto
package import ReplicationCore
import SwiftASN1
import X509

/// A node's (or the region policy's) signing certificate and Ed25519 key, read from files.
package struct SigningIdentity: Sendable {
  /// Whose key it is.
  package let name: IdentityName
  /// DER certificates, leaf first, without the root: what travels to those who verify.
  package let chain: [[UInt8]]
  /// The raw Ed25519 seed, 32 bytes. Secret: never log or send it.
  package let privateKey: [UInt8]
  /// The raw Ed25519 public key, 32 bytes.
  package let publicKey: [UInt8]

  /// The node, nil for the key of a policy.
  package var node: NodeID? {
    if case .node(let node) = name { node } else { nil }
  }

  /// Reads a chain and a key from PEM files. Throws `file` or `malformed`, and `wrongPurpose` when the key is not
  /// Ed25519 or belongs to another certificate. Whether the chain leads to the root is not judged here.
  package init(certificateChainPEM: String, keyPEM: String) throws(IdentityError) {
    let certificates = try PEM.certificates(inFile: certificateChainPEM)
    guard let leaf = certificates.first else {
      throw .malformed("\(certificateChainPEM) holds no certificate")
    }
    name = try leaf.identityName()
    let key = try Self.seed(inFile: keyPEM)
    guard let own = Curve25519.Signing.PublicKey(leaf.publicKey),
      own.rawRepresentation == key.publicKey.rawRepresentation
    else {
      throw .wrongPurpose(
        name: name.description, reason: "the key in \(keyPEM) belongs to another certificate")
    }
    var chain: [[UInt8]] = []
    for certificate in certificates { chain.append(try certificate.encoded()) }
    self.chain = chain
    privateKey = Array(key.rawRepresentation)
    publicKey = Array(key.publicKey.rawRepresentation)
  }

  private static func seed(
    inFile path: String
  ) throws(IdentityError) -> Curve25519.Signing.PrivateKey {
    let text = try PrivateFile.read(path)
    do {
      // PKCS 8 (RFC 8410): SEQUENCE { version, algorithm, OCTET STRING { OCTET STRING seed } }.
      let document = try PEMDocument(pemString: text)
      let wrapped = try DER.sequence(DER.parse(document.derBytes), identifier: .sequence) { nodes in
        _ = try Int(derEncoded: &nodes)
        guard nodes.next() != nil else {
          throw ASN1Error.invalidASN1Object(reason: "no algorithm")
        }
        let wrapped = try ASN1OctetString(derEncoded: &nodes)
        while nodes.next() != nil {}
        return wrapped
      }
      let seed = try ASN1OctetString(derEncoded: wrapped.bytes)
      return try Curve25519.Signing.PrivateKey(rawRepresentation: seed.bytes)
    } catch {
      throw .malformed("\(path) is not a PEM file of an Ed25519 private key")
    }
  }
}
