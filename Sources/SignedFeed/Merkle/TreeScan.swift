/// Passes once over an encoded tree, checking its structure and noting what is shown.
struct TreeScan {
  /// In the tree's order.
  var shown: [ShownChange] = []
  /// Bytes that the tree may grow to under the worst pruning: a value of three bytes may become a digest of 32.
  ///
  /// Pruning never raises it, so who may hold a batch may hold and hand on any part of it.
  var sizeBound = 0
  /// Entries of the bases of shown changes.
  var baseEntries = 0
  private var layout = ChangeLayout()
  private let header: BatchHeader
  /// Offsets are noted from here.
  private let start: Int

  init(_ header: BatchHeader, from start: Int) {
    self.header = header
    self.start = start
  }

  /// Passes over the subtree of `count` leaves. Returns whether nothing of it is shown.
  @discardableResult
  mutating func node(
    _ reader: inout ByteReader, count: Int, depth: Int = 0
  ) throws(FeedError) -> Bool {
    let at = reader.offset
    switch MerkleTree.Node(rawValue: try reader.byte()) {
    case .digest:
      try reader.skip(32)
      sizeBound += 34
      return true
    case .leaf where count == 1:
      try layout.read(&reader, in: header)
      sizeBound += layout.sizeBound
      baseEntries += layout.baseEntries
      shown.append(
        ShownChange(
          index: layout.index, start: layout.range.lowerBound - start,
          end: layout.range.upperBound - start, fields: layout.fields,
          masked: layout.masked, closed: layout.closed))
      return false
    case .branch where count > 1 && depth < FeedLimits.treeDepth:
      let leftCount = MerkleTree.leftCount(of: count)
      let noLeft = try node(&reader, count: leftCount, depth: depth + 1)
      let noRight = try node(&reader, count: count - leftCount, depth: depth + 1)
      if noLeft, noRight {
        throw FeedError(.notCanonical, "a branch of two digests", offset: at)
      }
      return false
    default: throw FeedError(.malformed, "a node that cannot stand here", offset: at)
    }
  }
}

extension ChangeLayout {
  /// Bytes that the change may grow to under the worst pruning, its node byte and a branch's included, what masking nodes add left out.
  var sizeBound: Int {
    var size = 5 + metadata.count
    for base in bases { size += base.count }
    for leaf in leaves { size += Swift.max(33, leaf.value.isEmpty ? 0 : 20 + leaf.value.count) }
    return Swift.max(34, size)
  }
}
