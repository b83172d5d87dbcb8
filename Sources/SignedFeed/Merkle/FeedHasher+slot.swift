import ReplicationCore

extension FeedHasher {
  /// A leaf as a partial change has it: itself when it is shown and among `fields`, else its digest. `prepareBases` was called for its change.
  mutating func slot(
    _ leaf: LeafLayout, _ layout: ChangeLayout, _ bytes: [UInt8], keeping fields: FieldSet
  ) -> LeafSlot {
    if leaf.isHidden { return .hidden(Hash(bytes, at: leaf.position)) }
    guard fields.contains(FieldID(leaf.field)) else {
      return .hidden(hashLeaf(leaf, layout, bytes))
    }
    let salt: ArraySlice<UInt8>
    if layout.isWhole {
      var made: [UInt8] = []
      saltDigest(layout, leaf.field, bytes).append(to: &made, count: FeedLimits.saltBytes)
      salt = made[...]
    } else {
      salt = bytes[leaf.position..<leaf.position + FeedLimits.saltBytes]
    }
    return .shown(
      ShownLeaf(
        salt: salt, field: leaf.field, rank: leaf.rank, base: bytes[layout.bases[Int(leaf.base)]],
        value: bytes[leaf.value]))
  }
}
