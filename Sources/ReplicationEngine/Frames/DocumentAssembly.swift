import SignedFeed

/// Puts the parts of one document together; parts of two documents are never mixed on a link.
package struct DocumentAssembly: Sendable {
  private var first: DocumentPart?
  private var body: [UInt8] = []

  package init() {}

  /// Takes the next part; the document when it was the last. Throws when the part does not follow.
  package mutating func take(_ part: DocumentPart) throws(LinkRefusal) -> SignedDocument? {
    if let first {
      guard first.kind == part.kind, first.isFormer == part.isFormer, first.epoch == part.epoch,
        first.total == part.total,
        first.signer == part.signer, first.signature == part.signature
      else { throw LinkRefusal(.outOfOrder, "a part of another document", position: part.offset) }
    } else {
      first = part
    }
    guard part.offset == UInt64(body.count), !part.bytes.isEmpty || part.total == 0 else {
      throw LinkRefusal(.outOfOrder, "a part of a document out of order", position: part.offset)
    }
    body.append(contentsOf: part.bytes)
    guard UInt64(body.count) == part.total else { return nil }
    defer { self = DocumentAssembly() }
    return SignedDocument(
      kind: part.kind, epoch: part.epoch, body: body, signer: part.signer,
      signature: part.signature)
  }
}

extension SignedDocument {
  /// The frames that carry this document; `asFormer`: as a policy of a former epoch.
  package func parts(asFormer: Bool = false) -> [DocumentPart] {
    var result: [DocumentPart] = []
    var offset = 0
    repeat {
      let end = min(offset + FrameLimits.documentPartBytes, body.count)
      result.append(
        DocumentPart(
          kind: kind, isFormer: asFormer, epoch: epoch, signer: signer, signature: signature,
          total: UInt64(body.count), offset: UInt64(offset), bytes: Array(body[offset..<end])))
      offset = end
    } while offset < body.count
    return result
  }
}
