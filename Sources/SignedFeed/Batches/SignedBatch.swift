package import ReplicationCore

/// A batch that its author signed, whole or pruned: verified, sealed here, or read back from this node's own store.
///
/// It is its canonical encoding, which is both the form on the wire and the form in the store; changes are decoded when asked for.
package struct SignedBatch: Sendable {
  let body: BatchBody
  /// SHA-256 of the exact header bytes: the next batch's `previous`.
  package let digest: Digest

  init(_ body: BatchBody) {
    self.body = body
    digest = body.digest
  }

  /// Reads what this node has stored: the structure is decoded, root and signature are not checked again.
  package init(trusted encoded: [UInt8]) throws(FeedError) {
    var reader = ByteReader(encoded)
    let body = try BatchBody(decoding: &reader)
    try reader.finish()
    self.init(body)
  }

  package var header: BatchHeader { body.header }

  /// The canonical bytes.
  package func encoded() -> [UInt8] { body.bytes }
  /// How many bytes `encoded` has.
  package var encodedSize: Int { body.bytes.count }

  /// The indexes of the shown changes, ascending, each with its shown fields.
  package var shown: [(index: UInt64, fields: FieldSet)] {
    body.shown.map { ($0.index, $0.fields) }
  }
  /// Whether no value is shown: header and proof of the chain only.
  package var isHeaderOnly: Bool { body.shown.isEmpty }

  /// The shown fields of a change; empty when it is hidden or not of this batch.
  package func fields(of index: UInt64) -> FieldSet { entry(index)?.fields ?? FieldSet() }

  /// Of a change's shown fields, those of which only a masked value is shown.
  package func closedFields(of index: UInt64) -> FieldSet { entry(index)?.closed ?? FieldSet() }
  /// Whether a masking node's word stands anywhere in it.
  package var hasMasks: Bool { body.hasMasks }

  func entry(_ index: UInt64) -> ShownChange? {
    var low = 0
    var high = body.shown.count
    while low < high {
      let middle = (low + high) / 2
      if body.shown[middle].index < index { low = middle + 1 } else { high = middle }
    }
    guard low < body.shown.count, body.shown[low].index == index else { return nil }
    return body.shown[low]
  }
}

extension SignedBatch: Hashable {
  /// Two batches are equal when they are the same bytes.
  package static func == (a: Self, b: Self) -> Bool { a.body.bytes == b.body.bytes }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(digest)
    hasher.combine(body.bytes.count)
  }
}
