import SwiftASN1
import X509

/// A TLS chain and its key, read from PEM files and known to belong together.
package struct LinkCertificate: Sendable {
  /// DER certificates, leaf first, without the root.
  package let chain: [[UInt8]]
  /// The private key in DER (PKCS 8). Secret: never log or send it.
  package let keyDER: [UInt8]

  /// Reads both files. Throws `file` or `malformed`, and `wrongPurpose` when the key belongs to another certificate.
  package init(chainPEM: String, keyPEM: String) throws(IdentityError) {
    let certificates = try PEM.certificates(inFile: chainPEM)
    let key = try PEM.key(inFile: keyPEM)
    guard let leaf = certificates.first else {
      throw .malformed("\(chainPEM) holds no certificate")
    }
    guard leaf.publicKey == key.publicKey else {
      throw .wrongPurpose(
        name: try leaf.identityName().description,
        reason: "the key in \(keyPEM) belongs to another certificate")
    }
    var chain: [[UInt8]] = []
    for certificate in certificates { chain.append(try certificate.encoded()) }
    self.chain = chain
    do {
      keyDER = try key.serializeAsPEM().derBytes
    } catch {
      throw .malformed("\(keyPEM) holds a key that cannot be used")
    }
  }
}
