package import ReplicationCore

/// Appends canonical primitives to a buffer. The counterpart of `ByteReader`.
package struct ByteWriter: Sendable {
  /// What was written so far.
  package var bytes: [UInt8]

  /// An empty buffer with room for `capacity` bytes.
  package init(capacity: Int = 0) {
    bytes = []
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  /// One byte.
  package mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// One byte, 0 or 1.
  package mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// An unsigned number in LEB128: seven bits a byte, least significant first, in the fewest bytes.
  package mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A signed number as a varint of its zigzag form: 0, -1, 1, -2 … become 0, 1, 2, 3 …
  package mutating func zigzag(_ value: Int64) {
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// A number in `count` bytes, most significant first; higher bits are dropped.
  package mutating func fixed(_ value: UInt64, count: Int) {
    var shift = count * 8
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  /// Bytes as they are; the reader must know how many there are.
  package mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

  /// Bytes after their count as a varint.
  package mutating func lengthPrefixed(_ value: some Collection<UInt8>) {
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A text's UTF-8 bytes after their count as a varint.
  package mutating func text(_ value: String) { lengthPrefixed(value.utf8) }

  /// 32 bytes.
  package mutating func digest(_ value: Digest) { bytes.append(contentsOf: value.bytes) }
}

extension ByteWriter {
  /// A node: the code in five bytes, the slug.
  package mutating func node(_ node: NodeID) {
    fixed(node.code.number, count: 5)
    text(node.slug)
  }

  /// A replica: node, incarnation, lane.
  package mutating func replica(_ replica: Replica) {
    node(replica.node)
    varint(UInt64(replica.incarnation))
    byte(replica.lane.rawValue)
  }

  /// A dot: replica, index.
  package mutating func dot(_ dot: Dot) {
    replica(dot.replica)
    varint(dot.index)
  }

  /// A version vector: the count, then replica and index of each entry, ascending.
  package mutating func vector(_ vector: VersionVector) {
    varint(UInt64(vector.entries.count))
    for entry in vector.entries {
      replica(entry.replica)
      varint(entry.index)
    }
  }

  /// A record: ledger, key.
  package mutating func ref(_ ref: RecordRef) {
    varint(UInt64(ref.ledger.number))
    text(ref.key)
  }

  /// A set of fields: its bits as a varint.
  package mutating func fields(_ fields: FieldSet) { varint(fields.bits) }
}
