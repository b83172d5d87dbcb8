/// The shape of the tree over a batch's changes, and the encoding of what of it is shown.
enum MerkleTree {
  /// The byte before a node.
  enum Node: UInt8 {
    /// 32 bytes stand for the whole subtree.
    case digest = 0x00
    /// A change.
    case leaf = 0x01
    /// Two nodes.
    case branch = 0x02
  }

  /// How many of `count` leaves (2 or more) are left: the greatest power of two below `count`.
  ///
  /// Source: RFC 6962 §2.1; the same tree as carrying an odd node up level by level.
  static func leftCount(of count: Int) -> Int {
    1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }

  /// The digest of the subtree of `count` leaves.
  static func root(
    _ reader: inout ByteReader, _ header: BatchHeader, count: Int, _ layout: inout ChangeLayout,
    _ hasher: inout FeedHasher
  ) throws(FeedError) -> Hash {
    let at = reader.offset
    switch Node(rawValue: try reader.byte()) {
    case .digest: return Hash(reader.bytes, at: try reader.skip(32))
    case .leaf where count == 1:
      try layout.read(&reader, in: header)
      return hasher.digest(of: layout, in: reader.bytes)
    case .branch where count > 1:
      let left = leftCount(of: count)
      let a = try root(&reader, header, count: left, &layout, &hasher)
      let b = try root(&reader, header, count: count - left, &layout, &hasher)
      return hasher.inner(a, b)
    default: throw FeedError(.malformed, "a node that cannot stand here", offset: at)
    }
  }
}
