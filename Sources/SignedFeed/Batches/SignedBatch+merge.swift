extension SignedBatch {
  /// The union of what two copies of one batch show; of two masked values of one field the other's, which is the newer.
  ///
  /// Throws `contradiction` when header or signature differ, when one copy shows what the other's digests deny, or when the author has signed one field twice and each copy shows another; `tooLarge` when the author's batch was above the bounds and each copy was not.
  package func merged(with other: SignedBatch) throws(FeedError) -> SignedBatch {
    if body.bytes == other.body.bytes { return self }
    guard body.head == other.body.head else {
      throw FeedError(
        .contradiction, "another header or signature", replica: header.replica,
        index: header.firstIndex)
    }
    var merger = Merger(body, other.body)
    var reader = ByteReader(try merger.run())
    return SignedBatch(try BatchBody(decoding: &reader), digest: digest)
  }
}

/// Walks two trees of one shape side by side.
private struct Merger {
  let header: BatchHeader
  var left: ByteReader
  var right: ByteReader
  var writer: ByteWriter
  var leftLayout = ChangeLayout()
  var rightLayout = ChangeLayout()
  var hasher = FeedHasher()

  init(_ left: BatchBody, _ right: BatchBody) {
    header = left.header
    self.left = left.treeReader
    self.right = right.treeReader
    writer = ByteWriter(capacity: left.bytes.count + right.bytes.count - left.head.count)
    writer.raw(left.head)
  }

  mutating func run() throws(FeedError) -> [UInt8] {
    try node(count: Int(header.count))
    return writer.bytes
  }

  private mutating func node(count: Int) throws(FeedError) {
    let a = left.bytes[left.offset]
    let b = right.bytes[right.offset]
    let digest = MerkleTree.Node.digest.rawValue
    if a == digest || b == digest {
      try copy(count: count, preferLeft: b == digest)
    } else if count == 1 {
      try left.skip(1)
      try right.skip(1)
      writer.byte(MerkleTree.Node.leaf.rawValue)
      try change()
    } else {
      try left.skip(1)
      try right.skip(1)
      writer.byte(MerkleTree.Node.branch.rawValue)
      let leftCount = MerkleTree.leftCount(of: count)
      try node(count: leftCount)
      try node(count: count - leftCount)
    }
  }

  /// One side is a digest: takes the other's subtree, after a check that it has that digest.
  private mutating func copy(count: Int, preferLeft: Bool) throws(FeedError) {
    let starts = (left.offset, right.offset)
    let a = try MerkleTree.root(&left, header, count: count, &leftLayout, &hasher)
    let b = try MerkleTree.root(&right, header, count: count, &rightLayout, &hasher)
    guard a == b else { throw contradiction() }
    writer.raw(
      preferLeft ? left.bytes[starts.0..<left.offset] : right.bytes[starts.1..<right.offset])
  }

  private mutating func change() throws(FeedError) {
    try leftLayout.read(&left, in: header)
    try rightLayout.read(&right, in: header)
    let a = hasher.digest(of: leftLayout, in: left.bytes)
    let b = hasher.digest(of: rightLayout, in: right.bytes)
    guard a == b, leftLayout.leaves.count == rightLayout.leaves.count else { throw contradiction() }
    let (mine, theirs) = (leftLayout, rightLayout)
    if mine.masked.isEmpty, theirs.masked.isEmpty {
      if mine.isWhole || (!theirs.isWhole && theirs.fields.isSubset(of: mine.fields)) {
        return writer.raw(left.bytes[mine.range])
      }
      if theirs.isWhole || mine.fields.isSubset(of: theirs.fields) {
        return writer.raw(right.bytes[theirs.range])
      }
    }
    let slots = mergedSlots()
    var last = -1
    for case .told(_, let leaf, _, _, _) in slots {
      guard Int(leaf.field) > last else { throw contradiction() }
      last = Int(leaf.field)
    }
    writer.partialChange(metadata: left.bytes[leftLayout.metadata], slots)
  }

  /// Both have the same digest, so each slot has one leaf digest on both sides.
  private mutating func mergedSlots() -> [LeafSlot] {
    var slots: [LeafSlot] = []
    for (a, b) in zip(leftLayout.leaves, rightLayout.leaves) {
      let newest = b.mask.isEmpty ? left.bytes[a.mask] : right.bytes[b.mask]
      let isOpen = !a.value.isEmpty || !b.value.isEmpty
      let form: ChangeLayout.Slot =
        isOpen ? (newest.isEmpty ? .shown : .both) : (newest.isEmpty ? .hidden : .masked)
      if !a.value.isEmpty || b.isHidden {
        hasher.prepareBases(of: leftLayout, in: left.bytes)
        slots.append(hasher.slot(a, leftLayout, left.bytes, as: form, mask: newest))
      } else {
        hasher.prepareBases(of: rightLayout, in: right.bytes)
        slots.append(hasher.slot(b, rightLayout, right.bytes, as: form, mask: newest))
      }
    }
    return slots
  }

  private func contradiction() -> FeedError {
    FeedError(
      .contradiction, "two copies of one signed batch differ", replica: header.replica,
      index: leftLayout.index > 0 ? leftLayout.index : nil)
  }
}
