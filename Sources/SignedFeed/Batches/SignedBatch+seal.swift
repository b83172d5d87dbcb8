package import ReplicationCore

extension SignedBatch {
  /// Seals changes into one signed batch.
  ///
  /// `changes`: of one replica, consecutive indexes, each with at least one write, fields ascending; as many as `sizeBound` allows.
  /// `order`: one routing key a change (home before the change, "" first), by whose bytes and then the index the leaves are sorted, so that one home's share prunes well.
  /// `rng`: gives the salts, so it must be cryptographically strong outside of tests.
  /// Throws `FeedError` of kind `cannotSeal` and others with the index of the change at fault, and what `signer` throws.
  package static func seal(
    _ changes: [Change], order: [String], previous: Digest, policyEpoch: UInt64,
    catalogEpoch: UInt64, time: Int64, isAdjusted: Bool, signer: any BatchSigner,
    using rng: inout some RandomNumberGenerator
  ) throws -> SignedBatch {
    guard let first = changes.first, changes.count <= FeedLimits.changes,
      order.count == changes.count, first.dot.index > 0
    else {
      throw FeedError(.cannotSeal, "1 to \(FeedLimits.changes) changes, each with its order")
    }
    try check(changes, first.dot)
    func header(_ root: Digest) -> BatchHeader {
      BatchHeader(
        suite: signer.suite, replica: first.dot.replica, firstIndex: first.dot.index,
        count: UInt32(changes.count), previous: previous, policyEpoch: policyEpoch,
        catalogEpoch: catalogEpoch, time: time, isAdjusted: isAdjusted, signer: signer.fingerprint,
        root: root)
    }
    var tree = ByteWriter(capacity: changes.count * 256)
    let sorted = changes.indices.sorted {
      let a = order[$0].utf8
      let b = order[$1].utf8
      return a.elementsEqual(b) ? $0 < $1 : a.lexicographicallyPrecedes(b)
    }
    write(sorted[...], changes, &tree, &rng)

    // What was written is read back by the receiver's own code: a change that no receiver would take is never signed.
    var reader = ByteReader(tree.bytes)
    var layout = ChangeLayout()
    var hasher = FeedHasher()
    let root = try MerkleTree.root(
      &reader, header(.zero), count: changes.count, &layout, &hasher)
    var writer = ByteWriter(capacity: tree.bytes.count + 320)
    let headerBytes = header(Digest(root)).encoded()
    writer.lengthPrefixed(headerBytes)
    writer.lengthPrefixed(try signer.sign(BatchHeader.signatureDomain + headerBytes))
    writer.raw(tree.bytes)
    return try SignedBatch(trusted: writer.bytes)
  }

  /// A change's share of a batch in bytes under the worst pruning: the sum over a batch must stay within `FeedLimits.sealedBytes`.
  package static func sizeBound(of change: Change) -> Int {
    var bases = 2
    var seen: [VersionVector] = []
    var fields = 0
    for write in change.writes {
      if !seen.contains(write.base) {
        seen.append(write.base)
        bases += 2
        for entry in write.base.entries { bases += size(of: entry.replica) + 10 }
      }
      // Hidden: a slot byte and a digest; shown: slot, salt, field, rank, base and the value.
      fields += Swift.max(33, 20 + size(of: write.value))
    }
    var dots = 2
    if case .restore(let list) = change.cause {
      for dot in list { dots += size(of: dot.replica) + 10 }
    }
    let texts = change.ref.key.utf8.count + change.actor.utf8.count
    // Two node bytes and a hidden neighbour's digest; form, index, ledger, lengths and time.
    return 35 + 28 + texts + dots + bases + fields
  }

  private static func size(of replica: Replica) -> Int { 12 + replica.node.slug.utf8.count }

  private static func size(of value: Value) -> Int {
    switch value {
    case .null, .bool: 1
    case .integer, .timestamp: 11
    case .date: 6
    case .uuid: 17
    case .decimal(let text), .text(let text), .json(let text): 4 + text.utf8.count
    case .bytes(let bytes): 4 + bytes.count
    case .deleted, .verified, .masked: measured(value)
    }
  }

  private static func measured(_ value: Value) -> Int {
    var writer = ByteWriter()
    writer.value(value)
    return writer.bytes.count
  }

  private static func check(_ changes: [Change], _ first: Dot) throws(FeedError) {
    var size = 0
    for (i, change) in changes.enumerated() {
      func fault(_ detail: String) -> FeedError {
        FeedError(.cannotSeal, detail, replica: first.replica, index: change.dot.index)
      }
      guard change.dot.replica == first.replica, change.dot.index == first.index + UInt64(i) else {
        throw fault("changes of one replica with consecutive indexes")
      }
      guard !change.writes.isEmpty else { throw fault("a change writes at least one field") }
      for write in change.writes {
        if write.value.isMasked {
          throw fault("the value of field \(write.field) is masked: it is no author's")
        }
        guard let reason = write.value.formFault else { continue }
        throw fault("the value of field \(write.field) \(reason.words)")
      }
      size += sizeBound(of: change)
      guard size <= FeedLimits.sealedBytes else {
        throw fault(
          "the batch could grow above \(FeedLimits.sealedBytes) bytes: seal fewer changes")
      }
    }
  }

  /// Writes the subtree over some changes.
  private static func write(
    _ order: ArraySlice<Int>, _ changes: [Change], _ tree: inout ByteWriter,
    _ rng: inout some RandomNumberGenerator
  ) {
    if order.count == 1, let only = order.first {
      tree.byte(MerkleTree.Node.leaf.rawValue)
      tree.wholeChange(changes[only], seed: (rng.next(), rng.next()))
      return
    }
    tree.byte(MerkleTree.Node.branch.rawValue)
    let middle = order.startIndex + MerkleTree.leftCount(of: order.count)
    write(order[..<middle], changes, &tree, &rng)
    write(order[middle...], changes, &tree, &rng)
  }
}
