/// A fresh certificate with the authorities above it, and its private key.
package struct IssuedIdentity: Sendable {
  /// What the certificate is for.
  package let name: IdentityName
  /// DER certificates, leaf first, without the region's root.
  package let chain: [[UInt8]]
  /// The same chain as PEM text.
  package let chainPEM: String
  /// The private key as PEM text (PKCS 8).
  package let keyPEM: String

  /// Writes the chain (0644) and the key (0600), each whole or not at all, over what is there.
  package func write(chainTo chainPath: String, keyTo keyPath: String) throws(IdentityError) {
    try PrivateFile.write(keyPEM, to: keyPath, mode: 0o600)
    try PrivateFile.write(chainPEM, to: chainPath, mode: 0o644)
  }
}
