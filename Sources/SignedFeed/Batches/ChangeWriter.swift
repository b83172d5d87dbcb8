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
    for case .told(_, let leaf, _, _, _) in slots where !bases.contains(leaf.base) {
      bases.append(leaf.base)
    }
    varint(UInt64(bases.count))
    for base in bases { raw(base) }
    varint(UInt64(slots.count))
    for slot in slots {
      switch slot {
      case .hidden(let digest):
        byte(ChangeLayout.Slot.hidden.rawValue)
        digest.append(to: &bytes)
      case .told(let form, let leaf, let secret, let value, let mask):
        byte(form.rawValue)
        raw(secret)
        byte(leaf.field)
        byte(leaf.rank)
        byte(UInt8(truncatingIfNeeded: bases.firstIndex(of: leaf.base) ?? 0))
        raw(value)
        raw(mask)
      }
    }
  }
}

/// One field of a change that shows only some.
enum LeafSlot {
  /// The leaf's digest.
  case hidden(Hash)
  /// `secret`: the salt, or the digest of a masked value. `value`: the author's, empty when it is masked. `mask`: a masking node's word,
  /// empty when there is none.
  case told(
    ChangeLayout.Slot, ToldLeaf, secret: ArraySlice<UInt8>, value: ArraySlice<UInt8>,
    mask: ArraySlice<UInt8>)
}

/// What is told of a field apart from its value.
struct ToldLeaf: Equatable {
  let field: UInt8
  let rank: UInt8
  /// The encoded version vector.
  let base: ArraySlice<UInt8>
}
