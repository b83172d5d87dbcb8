import Crypto
import SwiftASN1

/// The file of a node's private key for hand-overs: PEM, PKCS 8, X25519 (RFC 8410), readable by its owner alone.
package enum HandoverKeyFile {
  /// What PKCS 8 puts before the 32 bytes of an X25519 key.
  private static let head: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x6E, 0x04, 0x22, 0x04, 0x20,
  ]
  private static let kind = "PRIVATE KEY"

  /// The raw private key, 32 bytes; makes the file when there is none. Secret: never log or send it.
  ///
  /// Throws `file` when it can be neither read nor written, `malformed` when it holds something else.
  package static func readOrMake(_ path: String) throws(IdentityError) -> [UInt8] {
    if !PrivateFile.exists(path) { try make(path) }
    let text = try PrivateFile.read(path)
    guard let document = try? PEMDocument(pemString: text), document.discriminator == kind,
      document.derBytes.starts(with: head), document.derBytes.count == head.count + 32
    else { throw .malformed("\(path) is not a PEM file of an X25519 private key") }
    return Array(document.derBytes.dropFirst(head.count))
  }

  private static func make(_ path: String) throws(IdentityError) {
    let key = Curve25519.KeyAgreement.PrivateKey()
    let document = PEMDocument(type: kind, derBytes: head + Array(key.rawRepresentation))
    try PrivateFile.write(document.pemString + "\n", to: path, mode: 0o600)
  }
}
