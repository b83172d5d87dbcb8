/// Signs with a node's own key. Implementations keep the key; nobody else sees it.
package protocol BatchSigner: Sendable {
  var suite: SignatureSuite { get }
  /// SHA-256 of the raw public key.
  var fingerprint: Digest { get }
  /// A secret of this node beside its key, the same after every start: pseudonyms are made from it. Nil: this node makes none.
  var maskingSecret: [UInt8]? { get throws }
  /// A signature over a message of any length. Throws when the key cannot be used.
  func sign(_ message: [UInt8]) throws -> [UInt8]
}
