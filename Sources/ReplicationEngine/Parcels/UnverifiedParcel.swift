package import ReplicationCore
package import SignedFeed

/// Checks signers that a node meets for the first time.
package protocol SignerAuthority: Sendable {
  /// The key that a certificate chain (DER, the signer's own first, without the root) proves; throws when it does not lead to the region's root.
  func admit(_ chain: [[UInt8]]) throws -> SignerKey
}

/// A parcel from a peer: its structure is sound and within the limits, nothing in it is believed.
package struct UnverifiedParcel: Sendable {
  package let lane: Lane
  package let span: Parcel.Span
  /// What it asks of a receiver.
  package private(set) var weight = ParcelWeight()
  private let policyEpoch: UInt64
  /// What it says, proofs aside.
  package let items: [Item]
  private let evidence: [UnverifiedBatch]
  private let signers: [SignerRecord]
  private let documents: [SignedDocument]

  /// Reads a parcel; throws `ParcelError` for anything that is not one in canonical form.
  package init(decoding bytes: [UInt8]) throws(ParcelError) {
    guard bytes.count <= ParcelLimits.bytes else {
      throw ParcelError(
        .oversizedParcel, "\(bytes.count) bytes, at most \(ParcelLimits.bytes) are taken")
    }
    do throws(FeedError) {
      var reader = ByteReader(bytes)
      guard try reader.byte() == Parcel.formatVersion else {
        throw FeedError(.unsupported, "an unknown version of the parcel's encoding", offset: 0)
      }
      lane = try reader.lane()
      span = try reader.span()
      policyEpoch = try reader.varint()
      items = try Self.list(&reader, max: ParcelLimits.items) { (reader) throws(FeedError) in
        try reader.item()
      }
      signers = try Self.list(&reader, max: ParcelLimits.signers) { (reader) throws(FeedError) in
        try reader.signer()
      }
      documents = try Self.list(&reader, max: ParcelLimits.documents) {
        (reader) throws(FeedError) in try reader.document()
      }
      evidence = try Self.list(&reader, max: ParcelLimits.batches) {
        (reader) throws(FeedError) in try UnverifiedBatch(decoding: &reader)
      }
      try reader.finish()
      weigh(bytes.count)
    } catch {
      throw ParcelError(.malformedParcel, error.description)
    }
  }

  private mutating func weigh(_ bytes: Int) {
    weight.bytes = UInt64(bytes)
    for batch in evidence {
      weight.baseEntries += UInt64(batch.size.baseEntries)
      for fields in batch.shownFields {
        weight.changes += 1
        weight.fields += UInt64(fields.bits.nonzeroBitCount)
        if fields.contains(.alive) { weight.newKeys += 1 }
      }
    }
  }

  private static func list<Element>(
    _ reader: inout ByteReader, max limit: Int,
    _ read: (inout ByteReader) throws(FeedError) -> Element
  ) throws(FeedError) -> [Element] {
    let count = try reader.count(max: limit)
    var result: [Element] = []
    result.reserveCapacity(Swift.min(count, 1024))
    for _ in 0..<count { result.append(try read(&reader)) }
    return result
  }

  /// Checks every batch against its author's key. Signers that `directory` does not know are admitted by `authority`.
  ///
  /// Throws `ParcelError`: nothing of the parcel may take effect then.
  package func verified(
    by directory: some KeyDirectory, authority: any SignerAuthority
  ) throws(ParcelError) -> VerifiedParcel {
    var admitted: [Digest: SignerKey] = [:]
    var fresh: [SignerRecord] = []
    for signer in signers where directory.key(signer.fingerprint) == nil {
      let key: SignerKey
      do {
        key = try authority.admit(signer.chain)
      } catch {
        throw ParcelError(.foreignSigner, "a certificate said to be of \(signer.node): \(error)")
      }
      guard key.node == signer.node, key.key.fingerprint == signer.fingerprint else {
        throw ParcelError(
          .foreignSigner, "a certificate of \(key.node) came as one of \(signer.node)")
      }
      admitted[signer.fingerprint] = key
      fresh.append(signer)
    }
    let keys = JoinedDirectory(known: directory, admitted: admitted)
    var batches: [SignedBatch] = []
    batches.reserveCapacity(evidence.count)
    for batch in evidence {
      guard batch.header.replica.lane == lane else {
        throw ParcelError(
          .wrongLane, "a batch of \(batch.header.replica) on the lane \(lane.name)")
      }
      do throws(FeedError) {
        batches.append(try batch.verified(by: keys))
      } catch {
        let code: ParcelError.Code = error.kind == .unknownSigner ? .unknownSigner : .badBatch
        throw ParcelError(code, error.description)
      }
    }
    return VerifiedParcel(
      Parcel(
        lane: lane, span: span, policyEpoch: policyEpoch, items: items, evidence: batches,
        signers: fresh, documents: documents))
  }
}

/// A parcel whose every batch carries its author's valid signature. Whether the authors might write it is judged when it is received.
package struct VerifiedParcel: Sendable {
  /// `signers` holds only those that were not known before.
  package let parcel: Parcel

  init(_ parcel: Parcel) { self.parcel = parcel }

  /// A parcel that this process made itself, for tests and simulations that do not check signatures again.
  package init(trusting parcel: Parcel) { self.parcel = parcel }
}

private struct JoinedDirectory<Known: KeyDirectory>: KeyDirectory {
  let known: Known
  let admitted: [Digest: SignerKey]
  func key(_ fingerprint: Digest) -> SignerKey? { admitted[fingerprint] ?? known.key(fingerprint) }
}
