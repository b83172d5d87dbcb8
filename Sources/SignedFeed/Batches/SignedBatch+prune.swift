package import ReplicationCore

extension SignedBatch {
  /// Keeps only these changes, and of each only these fields; the rest become digests. What was hidden stays hidden.
  package func pruned(to shown: [UInt64: FieldSet]) -> SignedBatch {
    keeping { shown[$0.index]?.intersection($0.fields) ?? FieldSet() }
  }

  /// Turns these values into digests: salt, value, rank and base are gone, the proof of the rest stays.
  /// A change of which nothing is left collapses to its digest, key and actor with it.
  package func redacting(_ gone: [UInt64: FieldSet]) -> SignedBatch {
    keeping { gone[$0.index].map($0.fields.subtracting) ?? $0.fields }
  }

  /// Keeps of each shown change what `fields` answers, which must be a part of what is shown.
  private func keeping(_ fields: (ShownChange) -> FieldSet) -> SignedBatch {
    var kept: [UInt64: FieldSet] = [:]
    var isSame = true
    for change in body.shown {
      let some = fields(change)
      if some != change.fields { isSame = false }
      if !some.isEmpty { kept[change.index] = some }
    }
    if isSame { return self }
    var pruner = Pruner(body, kept)
    return SignedBatch(BatchBody(made: pruner.run()), digest: digest)
  }

  init(_ body: BatchBody, digest: Digest) {
    self.body = body
    self.digest = digest
  }
}

/// Copies a tree, leaving out what is not kept.
private struct Pruner {
  let body: BatchBody
  let kept: [UInt64: FieldSet]
  var reader: ByteReader
  var writer: ByteWriter
  var layout = ChangeLayout()
  var hasher = FeedHasher()

  init(_ body: BatchBody, _ kept: [UInt64: FieldSet]) {
    self.body = body
    self.kept = kept
    reader = body.treeReader
    writer = ByteWriter(capacity: body.bytes.count)
    writer.raw(body.head)
  }

  mutating func run() -> [UInt8] {
    do throws(FeedError) {
      if let root = try node(count: Int(body.header.count)) { write(root) }
    } catch {
      preconditionFailure("a checked batch cannot be read: \(error)")
    }
    return writer.bytes
  }

  /// Writes the next subtree unless all of it is hidden; then only returns its digest.
  private mutating func node(count: Int) throws(FeedError) -> Hash? {
    let tag = try reader.byte()
    if tag == MerkleTree.Node.digest.rawValue { return Hash(reader.bytes, at: try reader.skip(32)) }
    if count == 1 { return try change() }
    let start = writer.bytes.count
    writer.byte(tag)
    let leftCount = MerkleTree.leftCount(of: count)
    let left = try node(count: leftCount)
    if let left { write(left) }
    let right = try node(count: count - leftCount)
    guard let right else { return nil }
    guard let left else {
      write(right)
      return nil
    }
    writer.bytes.removeLast(writer.bytes.count - start)
    return hasher.inner(left, right)
  }

  private mutating func write(_ digest: Hash) {
    writer.byte(MerkleTree.Node.digest.rawValue)
    digest.append(to: &writer.bytes)
  }

  private mutating func change() throws(FeedError) -> Hash? {
    try layout.read(&reader, in: body.header)
    let fields = kept[layout.index] ?? FieldSet()
    if fields.isEmpty { return hasher.digest(of: layout, in: body.bytes) }
    writer.byte(MerkleTree.Node.leaf.rawValue)
    if fields == layout.fields {
      writer.raw(body.bytes[layout.range])
    } else {
      hasher.prepareBases(of: layout, in: body.bytes)
      writer.partialChange(
        metadata: body.bytes[layout.metadata],
        layout.leaves.map { hasher.slot($0, layout, body.bytes, keeping: fields) })
    }
    return nil
  }
}
