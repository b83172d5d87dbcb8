import Crypto
import FoundationEssentials
import ReplicationCore

/// The key under which one node's pseudonyms for one receiver are made.
///
/// Derived from a secret of the masking node, so it is the same after every start, and the receiver cannot compute it.
struct PseudonymKey: Sendable {
  private let key: SymmetricKey

  init(of secret: [UInt8], for receiver: NodeID) {
    var writer = ByteWriter()
    writer.node(receiver)
    key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret), salt: Data("huijia pseudonym 1".utf8),
      info: Data(writer.bytes), outputByteCount: 32)
  }

  /// 24 hexadecimal digits for a text; null where there is nothing, or no text to stand in its place.
  func pseudonym(of value: Value) -> Value {
    guard case .text = value else { return .null }
    var writer = ByteWriter()
    writer.value(value)
    let code = HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key)
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in code.prefix(12) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return .text(String(decoding: text, as: UTF8.self))
  }
}

extension Ed25519Signer {
  /// What this node's pseudonyms are made from: derived from the signing key, never equal to it.
  package var maskingSecret: [UInt8]? {
    let secret = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: rawRepresentation), salt: Data("huijia masking 1".utf8),
      info: Data(), outputByteCount: 32)
    return secret.withUnsafeBytes { Array($0) }
  }
}
