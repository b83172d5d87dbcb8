import Crypto
import FoundationEssentials

/// Bytes that only the owner of one key can read (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-256-GCM under an exported secret).
package struct SealedBox: Hashable, Sendable {
  /// Fingerprint of the key that it is sealed to.
  package let recipient: Digest
  /// The encapsulated key, 32 bytes: boxes of one `Sealer` share it.
  package let encapsulated: [UInt8]
  /// Nonce, ciphertext, tag.
  package let ciphertext: [UInt8]

  package init(recipient: Digest, encapsulated: [UInt8], ciphertext: [UInt8]) {
    self.recipient = recipient
    self.encapsulated = encapsulated
    self.ciphertext = ciphertext
  }

  static let suite = HPKE.Ciphersuite(
    kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
  static let info = Data("huijia handover 1".utf8)
  static let exported = Data("box".utf8)
}

/// Seals any number of boxes to one key; the key agreement is done once.
package struct Sealer: Sendable {
  private let recipient: Digest
  private let encapsulated: [UInt8]
  private let secret: SymmetricKey

  /// Throws when the key is no point of the curve.
  package init(to key: SealingKey) throws {
    let point = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: key.raw)
    let sender = try HPKE.Sender(
      recipientKey: point, ciphersuite: SealedBox.suite, info: SealedBox.info)
    recipient = key.fingerprint
    encapsulated = [UInt8](sender.encapsulatedKey)
    secret = try sender.exportSecret(context: SealedBox.exported, outputByteCount: 32)
  }

  /// Seals bytes; who opens the box must name the same `context`.
  package func seal(_ bytes: [UInt8], context: [UInt8]) throws -> SealedBox {
    let box = try AES.GCM.seal(bytes, using: secret, authenticating: context)
    guard let combined = box.combined else { preconditionFailure("a nonce of the usual length") }
    return SealedBox(
      recipient: recipient, encapsulated: encapsulated, ciphertext: [UInt8](combined))
  }
}

extension SealingIdentity {
  /// What is in a box. Throws when it is sealed to another key, was altered, or belongs to another `context`.
  package func open(_ box: SealedBox, context: [UInt8]) throws -> [UInt8] {
    let recipient = try HPKE.Recipient(
      privateKey: key, ciphersuite: SealedBox.suite, info: SealedBox.info,
      encapsulatedKey: Data(box.encapsulated))
    let secret = try recipient.exportSecret(context: SealedBox.exported, outputByteCount: 32)
    let sealed = try AES.GCM.SealedBox(combined: box.ciphertext)
    return [UInt8](try AES.GCM.open(sealed, using: secret, authenticating: context))
  }
}
