package import ReplicationCore

/// What an author signs: its exact bytes, and through the root every change of the batch.
package struct BatchHeader: Hashable, Sendable {
  /// The version of the format that this code reads and writes.
  package static let formatVersion: UInt8 = 1
  /// What stands before the header's bytes in the signed message, so that no other signature can be taken for one of a batch.
  package static let signatureDomain = Array("huijia-batch-v1\0".utf8)

  package let suite: SignatureSuite
  package let replica: Replica
  /// From 1.
  package let firstIndex: UInt64
  /// 1 … 4096.
  package let count: UInt32
  /// Digest of the replica's batch before; all zero before its first.
  package let previous: Digest
  package let policyEpoch: UInt64
  package let catalogEpoch: UInt64
  /// When it was sealed: microseconds since 1970 UTC, by the author's corrected clock.
  package let time: Int64
  /// The author's clock was corrected by its parent's.
  package let isAdjusted: Bool
  /// Fingerprint of the signing key.
  package let signer: Digest
  /// Merkle root over the changes.
  package let root: Digest

  /// The batch's indexes. Reading and sealing make sure that they do not overflow.
  package var indexes: Range<UInt64> { firstIndex..<firstIndex + UInt64(count) }
  /// The index of the last change.
  package var lastIndex: UInt64 { firstIndex + UInt64(count) - 1 }
  /// Whether a dot is of this batch.
  package func has(_ dot: Dot) -> Bool { dot.replica == replica && indexes.contains(dot.index) }

  package init(
    suite: SignatureSuite, replica: Replica, firstIndex: UInt64, count: UInt32, previous: Digest,
    policyEpoch: UInt64, catalogEpoch: UInt64, time: Int64, isAdjusted: Bool, signer: Digest,
    root: Digest
  ) {
    self.suite = suite
    self.replica = replica
    self.firstIndex = firstIndex
    self.count = count
    self.previous = previous
    self.policyEpoch = policyEpoch
    self.catalogEpoch = catalogEpoch
    self.time = time
    self.isAdjusted = isAdjusted
    self.signer = signer
    self.root = root
  }

  /// The canonical bytes.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 176)
    writer.byte(Self.formatVersion)
    writer.byte(suite.rawValue)
    writer.replica(replica)
    writer.varint(firstIndex)
    writer.varint(UInt64(count))
    writer.digest(previous)
    writer.varint(policyEpoch)
    writer.varint(catalogEpoch)
    writer.fixed(UInt64(bitPattern: time), count: 8)
    writer.flag(isAdjusted)
    writer.digest(signer)
    writer.digest(root)
    return writer.bytes
  }

  /// Reads a header up to the reader's end.
  package init(decoding reader: inout ByteReader) throws(FeedError) {
    let at = reader.offset
    guard try reader.byte() == Self.formatVersion else {
      throw FeedError(.unsupported, "a format version that is not known", offset: at)
    }
    guard let suite = SignatureSuite(rawValue: try reader.byte()) else {
      throw FeedError(.unsupported, "a signature suite that is not known", offset: at + 1)
    }
    self.suite = suite
    replica = try reader.replica()
    firstIndex = try reader.index()
    let countAt = reader.offset
    count = UInt32(try reader.varint(max: UInt64(FeedLimits.changes)))
    guard count > 0, firstIndex <= ByteReader.largest - UInt64(count) else {
      throw FeedError(.malformed, "a batch without changes or beyond all indexes", offset: countAt)
    }
    previous = try reader.digest()
    policyEpoch = try reader.varint()
    catalogEpoch = try reader.varint()
    time = Int64(bitPattern: try reader.fixed(8))
    isAdjusted = try reader.flag()
    signer = try reader.digest()
    root = try reader.digest()
    try reader.finish()
  }
}
