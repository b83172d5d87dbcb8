package import ReplicationCore

/// A batch from a peer: its structure is sound, nothing in it is believed.
package struct UnverifiedBatch: Sendable {
  private let body: BatchBody

  /// Reads one batch and leaves the reader behind it.
  ///
  /// Checked here, before any signature: bounds, canonical form, indexes within the range and distinct, bases. Throws `FeedError` with the place.
  package init(decoding reader: inout ByteReader) throws(FeedError) {
    body = try BatchBody(decoding: &reader)
  }

  /// What it claims.
  package var header: BatchHeader { body.header }
  /// SHA-256 of the exact header bytes.
  package var digest: Digest { body.digest }
  /// How many bytes, and entries of bases, it has.
  package var size: (bytes: Int, baseEntries: Int) { (body.bytes.count, body.baseEntries) }
  /// The masked values in it.
  package var maskedValues: Int {
    body.shown.reduce(0) { $0 + $1.masked.bits.nonzeroBitCount }
  }
  /// The fields of each change that is shown.
  package var shownFields: [FieldSet] { body.shown.map(\.fields) }
  /// The bytes as they came, for the proof of a refusal.
  package var encoded: [UInt8] { body.bytes }

  /// Checks that the replica's own node signed the header and that the changes are those of the header's root.
  ///
  /// Whether the chain before it is whole, and whether the author might write what it wrote, is not judged here.
  package func verified(by directory: some KeyDirectory) throws(FeedError) -> SignedBatch {
    guard let signer = directory.key(header.signer) else {
      throw fault(.unknownSigner, "no key is known by the fingerprint \(header.signer)")
    }
    guard signer.node == header.replica.node, signer.key.suite == header.suite,
      signer.key.fingerprint == header.signer,
      signer.incarnation == nil || signer.incarnation == header.replica.incarnation
    else {
      throw fault(.wrongSigner, "signed with a key of \(signer.node) that is not this replica's")
    }
    if let last = signer.lastGoodIndex, header.lastIndex > last {
      throw fault(.revoked, "the key was revoked after index \(last)")
    }
    let signature = Array(body.bytes[body.signatureRange])
    guard signer.key.isValid(signature: signature, for: body.signedMessage) else {
      throw fault(.badSignature, "the signature is not over these header bytes")
    }
    guard try body.computedRoot() == header.root else {
      throw fault(.wrongRoot, "the changes are not those that were signed")
    }
    if let fault = try body.maskFault(by: directory) { throw fault }
    return SignedBatch(body)
  }

  private func fault(_ kind: FeedError.Kind, _ detail: String) -> FeedError {
    FeedError(kind, detail, replica: header.replica)
  }
}
