package import ReplicationCore
package import SignedFeed

/// A node's public hand-over key, signed by the node: whoever relays it cannot put another in its place.
package struct HandoverKey: Sendable, Hashable {
  package let node: NodeID
  package let key: SealingKey
  /// Fingerprint of the node's signing key.
  package let signer: Digest
  package let signature: [UInt8]
  /// DER certificates of the signer, its own first, without the root.
  package let chain: [[UInt8]]

  package init(
    node: NodeID, key: SealingKey, signer: Digest, signature: [UInt8], chain: [[UInt8]]
  ) {
    self.node = node
    self.key = key
    self.signer = signer
    self.signature = signature
    self.chain = chain
  }

  /// Signs a node's own key. Throws when the signing key cannot be used.
  package init(
    of node: NodeID, _ key: SealingKey, signedBy signer: any BatchSigner, chain: [[UInt8]]
  ) throws {
    self.init(
      node: node, key: key, signer: signer.fingerprint,
      signature: try signer.sign(Self.message(node, key)), chain: chain)
  }

  /// Whether the node itself signed this with a key that the authority admits.
  package func isGenuine(by authority: any SignerAuthority) -> Bool {
    guard let known = try? authority.admit(chain), known.node == node,
      known.key.fingerprint == signer
    else { return false }
    return known.key.isValid(signature: signature, for: Self.message(node, key))
  }

  private static func message(_ node: NodeID, _ key: SealingKey) -> [UInt8] {
    var message = ByteWriter(capacity: 128)
    message.text("huijia handover key 1")
    message.node(node)
    message.raw(key.raw)
    return message.bytes
  }

  /// Appends the canonical form.
  package func write(to writer: inout ByteWriter) {
    writer.node(node)
    writer.raw(key.raw)
    writer.digest(signer)
    writer.lengthPrefixed(signature)
    writer.varint(UInt64(chain.count))
    for certificate in chain { writer.lengthPrefixed(certificate) }
  }

  /// Reads the canonical form; nothing in it is believed.
  package init(from reader: inout ByteReader) throws(FeedError) {
    let node = try reader.node()
    let at = reader.offset
    guard let key = SealingKey(raw: Array(try reader.raw(32))) else {
      throw FeedError(.malformed, "a hand-over key has 32 bytes", offset: at)
    }
    let signer = try reader.digest()
    let signature = Array(try reader.lengthPrefixed(max: FeedLimits.signatureBytes))
    var chain: [[UInt8]] = []
    for _ in 0..<(try reader.count(max: ParcelLimits.certificates)) {
      chain.append(Array(try reader.lengthPrefixed(max: ParcelLimits.certificateBytes)))
    }
    self.init(node: node, key: key, signer: signer, signature: signature, chain: chain)
  }
}
