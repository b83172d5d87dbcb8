import ReplicationCore

extension ByteWriter {
  /// A change that shows all its fields, with its seed. The fields must be ascending.
  mutating func wholeChange(_ change: Change, seed: (UInt64, UInt64)) {
    byte(ChangeLayout.Form.whole.rawValue)
    varint(change.dot.index)
    ref(change.ref)
    fixed(UInt64(bitPattern: change.time), count: 8)
    text(change.actor)
    cause(change.cause)
    var bases: [VersionVector] = []
    for write in change.writes where !bases.contains(write.base) { bases.append(write.base) }
    varint(UInt64(bases.count))
    for base in bases { vector(base) }
    fixed(seed.0, count: 8)
    fixed(seed.1, count: 8)
    varint(UInt64(change.writes.count))
    for write in change.writes {
      byte(write.field.number)
      byte(write.rank)
      byte(UInt8(truncatingIfNeeded: bases.firstIndex(of: write.base) ?? 0))
      value(write.value)
    }
  }

  /// A change that shows some fields: metadata, the bases that these use, then slot by slot.
  mutating func partialChange(metadata: ArraySlice<UInt8>, _ slots: [LeafSlot]) {
    byte(ChangeLayout.Form.partial.rawValue)
    raw(metadata)
    var bases: [ArraySlice<UInt8>] = []
    for case .shown(let leaf) in slots where !bases.contains(leaf.base) { bases.append(leaf.base) }
    varint(UInt64(bases.count))
    for base in bases { raw(base) }
    varint(UInt64(slots.count))
    for slot in slots {
      switch slot {
      case .hidden(let digest):
        byte(ChangeLayout.Slot.hidden.rawValue)
        digest.append(to: &bytes)
      case .shown(let leaf):
        byte(ChangeLayout.Slot.shown.rawValue)
        raw(leaf.salt)
        byte(leaf.field)
        byte(leaf.rank)
        byte(UInt8(truncatingIfNeeded: bases.firstIndex(of: leaf.base) ?? 0))
        raw(leaf.value)
      }
    }
  }
}

/// One field of a change that shows only some: the field itself, or its digest.
enum LeafSlot {
  case hidden(Hash)
  case shown(ShownLeaf)
}

/// A shown field apart from its change.
struct ShownLeaf: Equatable {
  /// 16 bytes.
  let salt: ArraySlice<UInt8>
  let field: UInt8
  let rank: UInt8
  /// The encoded version vector.
  let base: ArraySlice<UInt8>
  /// The encoded value.
  let value: ArraySlice<UInt8>
}
