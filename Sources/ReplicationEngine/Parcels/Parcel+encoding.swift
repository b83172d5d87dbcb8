import ReplicationCore
import SignedFeed

extension Parcel {
  /// The version of this encoding.
  static let formatVersion: UInt8 = 1

  /// The canonical bytes.
  package func encoded() -> [UInt8] {
    let size = evidence.reduce(1024) { $0 + $1.encodedSize }
    var writer = ByteWriter(capacity: size + items.count * 96)
    writer.byte(Self.formatVersion)
    writer.byte(lane.rawValue)
    writer.span(span)
    writer.varint(policyEpoch)
    writer.varint(UInt64(items.count))
    for item in items { writer.item(item) }
    writer.varint(UInt64(signers.count))
    for signer in signers { writer.signer(signer) }
    writer.varint(UInt64(documents.count))
    for document in documents { writer.document(document) }
    writer.varint(UInt64(evidence.count))
    for batch in evidence { writer.raw(batch.encoded()) }
    return writer.bytes
  }
}

extension ByteWriter {
  fileprivate mutating func span(_ span: Parcel.Span) {
    switch span {
    case .feed(let from, let next):
      byte(1)
      varint(from)
      varint(next)
    case .catchUp(let start, let last, let done, let total, let isComplete):
      byte(2)
      varint(start)
      flag(last != nil)
      if let last { ref(last) }
      varint(done)
      varint(total)
      flag(isComplete)
    }
  }

  mutating func signer(_ signer: SignerRecord) {
    digest(signer.fingerprint)
    node(signer.node)
    varint(UInt64(signer.chain.count))
    for certificate in signer.chain { lengthPrefixed(certificate) }
  }

  fileprivate mutating func document(_ document: SignedDocument) {
    byte(document.kind.rawValue)
    varint(document.epoch)
    lengthPrefixed(document.body)
    digest(document.signer)
    lengthPrefixed(document.signature)
  }
}

extension ByteReader {
  mutating func span() throws(FeedError) -> Parcel.Span {
    let tag = try byte()
    if tag == 1 {
      let from = try index()
      let next = try index()
      guard next >= from else {
        throw FeedError(.malformed, "a span that ends before it begins", offset: offset)
      }
      return .feed(from: from, next: next)
    }
    guard tag == 2 else {
      throw FeedError(.unsupported, "a span with the unknown tag \(tag)", offset: offset)
    }
    let start = try index()
    let last = try flag() ? try ref() : nil
    let done = try varint()
    let total = try varint()
    return .catchUp(
      start: start, last: last, done: done, total: total, isComplete: try flag())
  }

  mutating func signer() throws(FeedError) -> SignerRecord {
    let fingerprint = try digest()
    let node = try node()
    let count = try self.count(max: ParcelLimits.certificates)
    var chain: [[UInt8]] = []
    for _ in 0..<count {
      chain.append(Array(try lengthPrefixed(max: ParcelLimits.certificateBytes)))
    }
    return SignerRecord(fingerprint: fingerprint, node: node, chain: chain)
  }

  mutating func document() throws(FeedError) -> SignedDocument {
    guard let kind = SignedDocument.Kind(rawValue: try byte()) else {
      throw FeedError(.unsupported, "a document of an unknown kind", offset: offset)
    }
    let epoch = try varint()
    let body = Array(try lengthPrefixed(max: ParcelLimits.bytes))
    let signer = try digest()
    let signature = Array(try lengthPrefixed(max: FeedLimits.signatureBytes))
    return SignedDocument(
      kind: kind, epoch: epoch, body: body, signer: signer, signature: signature)
  }
}
