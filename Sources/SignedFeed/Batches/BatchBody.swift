import ReplicationCore

/// A shown change's place in an encoded batch.
struct ShownChange: Hashable {
  let index: UInt64
  /// Where the change (after its node byte) begins and ends.
  let start: Int
  let end: Int
  /// Of which something is told.
  let fields: FieldSet
  /// Of these, those with a masking node's word.
  let masked: FieldSet
  /// Of these, those without the author's value.
  let closed: FieldSet
  /// The fields with the author's value.
  var open: FieldSet { fields.subtracting(closed) }
}

/// An encoded batch whose structure was checked, and where its parts lie: header, signature, tree.
struct BatchBody: Sendable {
  /// The canonical encoding, nothing before or after it.
  let bytes: [UInt8]
  let header: BatchHeader
  let headerRange: Range<Int>
  let signatureRange: Range<Int>
  /// Where the tree begins; it ends with the bytes.
  let treeStart: Int
  /// Ascending by index.
  let shown: [ShownChange]
  /// Entries of the bases of shown changes.
  let baseEntries: Int
  /// Whether a masking node's word stands anywhere in it.
  let hasMasks: Bool

  /// Reads one batch, leaving the reader behind it. Checks bounds and structure; neither root nor signature.
  init(decoding reader: inout ByteReader) throws(FeedError) {
    let start = reader.offset
    let limit = Swift.min(reader.end, start + FeedLimits.maskedBatchBytes)
    var inner = ByteReader(reader.bytes, in: start..<limit)
    do throws(FeedError) {
      let headerSize = try inner.count(max: FeedLimits.headerBytes)
      let headerStart = try inner.skip(headerSize)
      var headerReader = ByteReader(inner.bytes, in: headerStart..<headerStart + headerSize)
      let header = try BatchHeader(decoding: &headerReader)
      do throws(FeedError) {
        try self.init(header, headerStart..<headerStart + headerSize, from: start, &inner)
      } catch {
        var error = error
        error.replica = header.replica
        throw error
      }
    } catch {
      if error.kind == .truncated, limit < reader.end {
        throw FeedError(
          .tooLarge, "a batch above \(FeedLimits.maskedBatchBytes) bytes", offset: start,
          replica: error.replica)
      }
      throw error
    }
    try reader.skip(inner.offset - start)
  }

  private init(
    _ header: BatchHeader, _ headerRange: Range<Int>, from start: Int, _ reader: inout ByteReader
  ) throws(FeedError) {
    let signatureSize = try reader.count(max: FeedLimits.signatureBytes)
    let signature = try reader.skip(signatureSize)
    guard signatureSize == header.suite.signatureBytes else {
      throw FeedError(.malformed, "a signature of a wrong length", offset: signature)
    }
    let tree = reader.offset
    var scan = TreeScan(header, from: start)
    try scan.node(&reader, count: Int(header.count))
    guard tree - start + scan.sizeBound <= FeedLimits.batchBytes else {
      throw FeedError(
        .tooLarge, "a batch that pruning could take above \(FeedLimits.batchBytes) bytes",
        offset: start)
    }
    var shown = scan.shown
    shown.sort { $0.index < $1.index }
    for i in shown.indices.dropFirst() where shown[i].index == shown[i - 1].index {
      throw FeedError(
        .badIndex, "two changes of one index", offset: start + shown[i].start,
        index: shown[i].index)
    }
    let whole = start == 0 && reader.offset == reader.bytes.count
    bytes = whole ? reader.bytes : Array(reader.bytes[start..<reader.offset])
    self.header = header
    self.headerRange = headerRange.lowerBound - start..<headerRange.upperBound - start
    signatureRange = signature - start..<signature - start + signatureSize
    treeStart = tree - start
    self.shown = shown
    baseEntries = scan.baseEntries
    hasMasks = shown.contains { !$0.masked.isEmpty }
  }

  /// Reads bytes that this code has just made, or that were checked before; a fault is a fault of ours.
  init(made bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do throws(FeedError) {
      self = try BatchBody(decoding: &reader)
      try reader.finish()
    } catch {
      preconditionFailure("made a batch that cannot be read: \(error)")
    }
  }

  /// The digest of the header's exact bytes.
  var digest: Digest { Digest(hashing: Array(bytes[headerRange])) }

  /// Header, signature and what stands before the tree.
  var head: ArraySlice<UInt8> { bytes[..<treeStart] }

  /// A reader at the tree's begin.
  var treeReader: ByteReader { ByteReader(bytes, in: treeStart..<bytes.count) }

  /// What the signature is over.
  var signedMessage: [UInt8] { BatchHeader.signatureDomain + bytes[headerRange] }

  /// The root computed from what is shown and the digests of what is not.
  func computedRoot() throws(FeedError) -> Digest {
    var reader = treeReader
    var layout = ChangeLayout()
    var hasher = FeedHasher()
    return Digest(
      try MerkleTree.root(&reader, header, count: Int(header.count), &layout, &hasher))
  }
}
