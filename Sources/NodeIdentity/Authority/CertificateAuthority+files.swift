import ReplicationCore
import X509

extension CertificateAuthority {
  /// Reads an authority back from its files: its chain (its own certificate first, without the root; for a root, its
  /// certificate) and its key. Throws `file` or `malformed`, and `wrongPurpose` when key and certificate do not belong together.
  package init(chainPEM: String, keyPEM: String) throws(IdentityError) {
    let certificates = try PEM.certificates(inFile: chainPEM)
    let key = try PEM.key(inFile: keyPEM)
    guard let first = certificates.first else {
      throw .malformed("\(chainPEM) holds no certificate")
    }
    let name = try first.identityName()
    guard case .authority(let code) = name else {
      throw .wrongPurpose(name: name.description, reason: "it is not an authority's")
    }
    guard first.publicKey == key.publicKey else {
      throw .wrongPurpose(
        name: name.description, reason: "the key in \(keyPEM) belongs to another certificate")
    }
    self.init(
      code: code, certificate: first, key: key,
      upward: first.issuer == first.subject ? [] : certificates)
  }

  /// Writes the authority's chain (0644) and its key (0600), over what is there.
  package func write(chainTo chainPath: String, keyTo keyPath: String) throws(IdentityError) {
    var text = ""
    for certificate in upward.isEmpty ? [certificate] : upward {
      text += try PEM.text(of: certificate)
    }
    try PrivateFile.write(try keyPEM, to: keyPath, mode: 0o600)
    try PrivateFile.write(text, to: chainPath, mode: 0o644)
  }
}
