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

  /// Erases the authors' values of these fields where a masked one stands beside them; else nothing happens.
  package func closing(_ fields: [UInt64: FieldSet]) -> SignedBatch {
    if !hasMasks { return self }
    var forms: [UInt64: LeafForms] = [:]
    for change in body.shown {
      let closed = fields[change.index]?.intersection(change.masked).intersection(change.open)
      guard let closed, !closed.isEmpty else { continue }
      forms[change.index] = LeafForms(
        told: change.fields, closed: change.closed.union(closed), masked: change.masked)
    }
    if forms.isEmpty { return self }
    for change in body.shown where forms[change.index] == nil {
      forms[change.index] = LeafForms(change)
    }
    return kept(forms)
  }

  /// Keeps of each shown change what `fields` answers, which must be a part of what is shown.
  private func keeping(_ fields: (ShownChange) -> FieldSet) -> SignedBatch {
    var forms: [UInt64: LeafForms] = [:]
    var isSame = true
    for change in body.shown {
      let some = fields(change)
      if some != change.fields { isSame = false }
      if some.isEmpty { continue }
      forms[change.index] = LeafForms(change).restricted(to: some)
    }
    return isSame ? self : kept(forms)
  }

  /// In these forms; what none is given for is hidden.
  func kept(_ forms: [UInt64: LeafForms]) -> SignedBatch {
    var pruner = Pruner(body, forms)
    return SignedBatch(BatchBody(made: pruner.run()), digest: digest)
  }

  init(_ body: BatchBody, digest: Digest) {
    self.body = body
    self.digest = digest
  }
}

/// How the fields of one change are to be told.
struct LeafForms: Equatable {
  /// All of which something is told.
  var told: FieldSet
  /// Of these, those without the author's value.
  var closed: FieldSet
  /// Of these, those with a masking node's word.
  var masked: FieldSet
  /// New words, in place of the one that is there, or where there is none.
  var words: [FieldID: [UInt8]] = [:]

  init(told: FieldSet, closed: FieldSet, masked: FieldSet) {
    self.told = told
    self.closed = closed
    self.masked = masked
  }

  /// As it stands.
  init(_ change: ShownChange) {
    self.init(told: change.fields, closed: change.closed, masked: change.masked)
  }

  func restricted(to fields: FieldSet) -> LeafForms {
    LeafForms(
      told: told.intersection(fields), closed: closed.intersection(fields),
      masked: masked.intersection(fields))
  }

  func form(of field: FieldID) -> ChangeLayout.Slot {
    guard told.contains(field) else { return .hidden }
    if closed.contains(field) { return .masked }
    return masked.contains(field) ? .both : .shown
  }
}

/// Copies a tree, leaving out what is not kept.
private struct Pruner {
  let body: BatchBody
  let kept: [UInt64: LeafForms]
  var reader: ByteReader
  var writer: ByteWriter
  var layout = ChangeLayout()
  var hasher = FeedHasher()

  init(_ body: BatchBody, _ kept: [UInt64: LeafForms]) {
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
    guard let forms = kept[layout.index], !forms.told.isEmpty else {
      return hasher.digest(of: layout, in: body.bytes)
    }
    writer.byte(MerkleTree.Node.leaf.rawValue)
    let isSame =
      forms.told == layout.fields && forms.closed == layout.closed
      && forms.masked == layout.masked && forms.words.isEmpty
    if isSame {
      writer.raw(body.bytes[layout.range])
    } else {
      hasher.prepareBases(of: layout, in: body.bytes)
      writer.partialChange(
        metadata: body.bytes[layout.metadata],
        layout.leaves.map { leaf in
          if leaf.isHidden { return hasher.slot(leaf, layout, body.bytes, as: .hidden) }
          let field = FieldID(leaf.field)
          return hasher.slot(
            leaf, layout, body.bytes, as: forms.form(of: field), mask: forms.words[field]?[...])
        })
    }
    return nil
  }
}
