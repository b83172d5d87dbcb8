import ReplicationCore

extension FeedHasher {
  /// A leaf as a partial change has it: in the form wanted, or its digest. `prepareBases` was called for its change.
  ///
  /// `form` must be one that the leaf can take: what is not here cannot be shown.
  mutating func slot(
    _ leaf: LeafLayout, _ layout: ChangeLayout, _ bytes: [UInt8], as form: ChangeLayout.Slot,
    mask: ArraySlice<UInt8>? = nil
  ) -> LeafSlot {
    if leaf.isHidden { return .hidden(Hash(bytes, at: leaf.position)) }
    if form == .hidden { return .hidden(leafDigest(leaf, layout, bytes)) }
    let told = ToldLeaf(
      field: leaf.field, rank: leaf.rank, base: bytes[layout.bases[Int(leaf.base)]])
    let mask = mask ?? bytes[leaf.mask]
    if form == .masked {
      var digest: [UInt8] = []
      valueDigest(leaf, layout, bytes).append(to: &digest)
      return .told(.masked, told, secret: digest[...], value: [], mask: mask)
    }
    let salt: ArraySlice<UInt8>
    if layout.isWhole {
      var made: [UInt8] = []
      saltDigest(layout, leaf.field, bytes).append(to: &made, count: FeedLimits.saltBytes)
      salt = made[...]
    } else {
      salt = bytes[leaf.position..<leaf.position + FeedLimits.saltBytes]
    }
    return .told(
      form, told, secret: salt, value: bytes[leaf.value], mask: form == .both ? mask : [])
  }
}
