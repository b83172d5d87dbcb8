package import ReplicationCore

extension SignedBatch {
  /// The shown changes ascending by index, each with only its shown writes: the author's value, where there is none a masked one.
  package var changes: [Change] {
    var decoder = ChangeDecoder(body)
    return body.shown.map { decoder.change($0) }
  }

  /// A change with its shown writes; nil when it is hidden or not of this batch.
  package func change(_ index: UInt64) -> Change? {
    guard let entry = entry(index) else { return nil }
    var decoder = ChangeDecoder(body)
    return decoder.change(entry)
  }

  /// The record of a shown change; nil when it is hidden or not of this batch. Reads nothing else of it.
  package func ref(of index: UInt64) -> RecordRef? {
    guard let entry = entry(index) else { return nil }
    var reader = ByteReader(body.bytes, in: entry.start..<entry.end)
    do throws(FeedError) {
      _ = try reader.byte()
      _ = try reader.varint()
      return try reader.ref()
    } catch {
      preconditionFailure("a checked change cannot be read: \(error)")
    }
  }
}

/// Makes changes of checked bytes. The last base is remembered: most changes of a batch have the same.
private struct ChangeDecoder {
  let body: BatchBody
  var layout = ChangeLayout()
  var bases: [VersionVector] = []
  var lastRange = 0..<0
  var lastBase = VersionVector()

  init(_ body: BatchBody) { self.body = body }

  mutating func change(_ entry: ShownChange) -> Change {
    do throws(FeedError) {
      return try decode(entry)
    } catch {
      preconditionFailure("a checked change cannot be read: \(error)")
    }
  }

  private mutating func decode(_ entry: ShownChange) throws(FeedError) -> Change {
    var reader = ByteReader(body.bytes, in: entry.start..<entry.end)
    try layout.read(&reader, in: body.header)
    var metadata = ByteReader(body.bytes, in: layout.metadata)
    let index = try metadata.varint()
    let ref = try metadata.ref()
    let time = Int64(bitPattern: try metadata.fixed(8))
    let actor = try metadata.text(max: FeedLimits.actorBytes)
    let cause = try metadata.cause()
    bases.removeAll(keepingCapacity: true)
    for range in layout.bases { bases.append(try base(range)) }
    var writes: [FieldWrite] = []
    writes.reserveCapacity(layout.leaves.count)
    for leaf in layout.leaves where !leaf.isHidden {
      writes.append(
        FieldWrite(
          field: FieldID(leaf.field), value: try value(leaf), rank: leaf.rank,
          base: bases[Int(leaf.base)]))
    }
    return Change(
      dot: Dot(body.header.replica, index), ref: ref, writes: writes, time: time, actor: actor,
      cause: cause)
  }

  private func value(_ leaf: LeafLayout) throws(FeedError) -> Value {
    if leaf.form == .masked {
      var reader = ByteReader(body.bytes, in: leaf.mask)
      return .masked(try reader.maskedValue())
    }
    var reader = ByteReader(body.bytes, in: leaf.value)
    return try reader.value()
  }

  private mutating func base(_ range: Range<Int>) throws(FeedError) -> VersionVector {
    if lastRange.count == range.count, body.bytes[range].elementsEqual(body.bytes[lastRange]) {
      return lastBase
    }
    var reader = ByteReader(body.bytes, in: range)
    lastBase = try reader.vector()
    lastRange = range
    return lastBase
  }
}
