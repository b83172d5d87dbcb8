package import ReplicationCore

/// A masking node's word for what a mask leaves of one value, bound by the value's digest to what its author signed.
package struct MaskProof: Hashable, Sendable {
  package let value: MaskedValue
  /// Of a pseudonym, for whom it was made; nil for every other mask.
  package let receiver: NodeID?
  /// Who masked.
  package let masker: NodeID
  /// Fingerprint of its key.
  package let signer: Digest
  package let signature: [UInt8]

  /// What stands before everything else in the signed message.
  static let domain = Array("huijia-mask-v1\0\0".utf8)

  /// What the masking node signs of a leaf with this digest.
  static func message(
    _ dot: Dot, _ leaf: Hash, _ value: MaskedValue, receiver: NodeID?, masker: NodeID
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 192)
    writer.raw(domain)
    writer.dot(dot)
    leaf.append(to: &writer.bytes)
    writer.value(.masked(value))
    if let receiver { writer.node(receiver) }
    writer.node(masker)
    return writer.bytes
  }

  /// Throws when the key cannot be used.
  init(
    _ dot: Dot, _ leaf: Hash, _ value: MaskedValue, receiver: NodeID?, masker: NodeID,
    signedBy key: any BatchSigner
  ) throws {
    self.value = value
    self.receiver = receiver
    self.masker = masker
    signer = key.fingerprint
    signature = try key.sign(
      Self.message(dot, leaf, value, receiver: receiver, masker: masker))
  }

  init(decoding reader: inout ByteReader) throws(FeedError) {
    value = try reader.maskedValue()
    receiver = value.mask == .pseudonym ? try reader.node() : nil
    masker = try reader.node()
    signer = try reader.digest()
    signature = Array(try reader.lengthPrefixed(max: FeedLimits.signatureBytes))
  }

  var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 160)
    writer.value(.masked(value))
    if let receiver { writer.node(receiver) }
    writer.node(masker)
    writer.digest(signer)
    writer.lengthPrefixed(signature)
    return writer.bytes
  }

  /// Whether the masker's key, which must be known and not revoked, signed this for the leaf.
  func fault(_ dot: Dot, _ leaf: Hash, by directory: some KeyDirectory) -> FeedError? {
    func fault(_ kind: FeedError.Kind, _ detail: String) -> FeedError {
      FeedError(kind, detail, replica: dot.replica, index: dot.index)
    }
    guard let known = directory.key(signer) else {
      return fault(.unknownSigner, "no key of a masking node is known by the fingerprint \(signer)")
    }
    guard known.node == masker, known.key.fingerprint == signer else {
      return fault(.wrongSigner, "masked with a key of \(known.node), which is not \(masker)")
    }
    guard known.lastGoodIndex == nil else {
      return fault(.revoked, "the key of the masking node \(masker) was revoked")
    }
    let message = Self.message(dot, leaf, value, receiver: receiver, masker: masker)
    guard known.key.isValid(signature: signature, for: message) else {
      return fault(.badMask, "\(masker) did not sign this masked value")
    }
    return nil
  }
}

extension ByteReader {
  /// Passes over a masking node's word.
  mutating func skipMaskProof() throws(FeedError) { _ = try MaskProof(decoding: &self) }
}

extension SignedBatch {
  /// A masking node's word of a field of a change; nil where there is none.
  package func maskProof(of index: UInt64, _ field: FieldID) -> MaskProof? {
    guard let entry = entry(index), entry.masked.contains(field) else { return nil }
    do throws(FeedError) {
      var reader = ByteReader(body.bytes, in: entry.start..<entry.end)
      var layout = ChangeLayout()
      try layout.read(&reader, in: header)
      return try layout.maskProof(of: field, in: body.bytes)
    } catch {
      preconditionFailure("a checked change cannot be read: \(error)")
    }
  }

  /// Whether the masking node signed its word for a field of a change, by a key that the directory knows; true where there is no word.
  package func isMaskValid(
    of index: UInt64, _ field: FieldID, by directory: some KeyDirectory
  ) -> Bool {
    guard let entry = entry(index) else { return true }
    return (try? body.maskFault(in: entry, only: field, by: directory)) == .some(nil)
  }

  /// The fingerprints of the masking nodes whose words stand in it.
  package var maskers: Set<Digest> {
    if !hasMasks { return [] }
    var result = Set<Digest>()
    for change in body.shown {
      for field in change.masked.members {
        if let proof = maskProof(of: change.index, field) { result.insert(proof.signer) }
      }
    }
    return result
  }
}

extension ChangeLayout {
  func maskProof(of field: FieldID, in bytes: [UInt8]) throws(FeedError) -> MaskProof? {
    for leaf in leaves where !leaf.mask.isEmpty && leaf.field == field.number {
      var reader = ByteReader(bytes, in: leaf.mask)
      return try MaskProof(decoding: &reader)
    }
    return nil
  }
}

extension BatchBody {
  /// What is wrong with the first masked value that its masking node did not sign; nil when all are signed.
  func maskFault(by directory: some KeyDirectory) throws(FeedError) -> FeedError? {
    if !hasMasks { return nil }
    for change in shown where !change.masked.isEmpty {
      if let fault = try maskFault(in: change, only: nil, by: directory) { return fault }
    }
    return nil
  }

  func maskFault(
    in change: ShownChange, only field: FieldID?, by directory: some KeyDirectory
  ) throws(FeedError) -> FeedError? {
    var reader = ByteReader(bytes, in: change.start..<change.end)
    var layout = ChangeLayout()
    try layout.read(&reader, in: header)
    var hasher = FeedHasher()
    hasher.prepareBases(of: layout, in: bytes)
    for leaf in layout.leaves where !leaf.mask.isEmpty {
      if let field, field.number != leaf.field { continue }
      var word = ByteReader(bytes, in: leaf.mask)
      let proof = try MaskProof(decoding: &word)
      let digest = hasher.leafDigest(leaf, layout, bytes)
      let dot = Dot(header.replica, change.index)
      if let fault = proof.fault(dot, digest, by: directory) { return fault }
    }
    return nil
  }
}
