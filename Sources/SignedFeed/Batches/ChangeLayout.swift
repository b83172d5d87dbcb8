import ReplicationCore

/// Where a written field lies in an encoded change.
struct LeafLayout {
  let form: ChangeLayout.Slot
  /// With the author's value in a partial change: where its salt begins. Hidden: where its digest begins. Masked: where the digest of
  /// its value begins. In a whole change: unused.
  let position: Int
  let field: UInt8
  let rank: UInt8
  /// Its place in the change's dictionary of bases.
  let base: UInt8
  /// The author's value; empty when it is not here.
  let value: Range<Int>
  /// What a masking node says and signs of it; empty when there is none.
  let mask: Range<Int>

  var isHidden: Bool { form == .hidden }
}

/// Where the parts of an encoded change lie. One is reused for all changes of a pass, so that nothing is allocated per change.
struct ChangeLayout {
  var range = 0..<0
  /// All fields are shown, and the seed instead of the salts.
  var isWhole = false
  var index: UInt64 = 0
  var metadata = 0..<0
  /// Where the seed begins; meaningful in a whole change.
  var seed = 0
  var bases: [Range<Int>] = []
  /// Entries of all bases together.
  var baseEntries = 0
  /// In field order.
  var leaves: [LeafLayout] = []
  /// The fields of which something is told: the author's value, or a masked one.
  var fields = FieldSet()
  /// Of these, those with a masked value.
  var masked = FieldSet()
  /// Of these, those without the author's value.
  var closed = FieldSet()

  /// The form byte of an encoded change.
  enum Form: UInt8 {
    case whole = 0x00
    case partial = 0x01
  }

  /// The byte before a field in a partial change.
  enum Slot: UInt8 {
    case hidden = 0x02
    case shown = 0x04
    /// A masking node's word stands for the author's value, of which there is the digest.
    case masked = 0x05
    /// Both: at a node that was shown the value and then only the masked one, until the first is erased.
    case both = 0x06
  }

  /// Reads one change of a batch of `header`, checking all that can be checked without hashing.
  mutating func read(_ reader: inout ByteReader, in header: BatchHeader) throws(FeedError) {
    let start = reader.offset
    index = 0
    do throws(FeedError) {
      guard let form = Form(rawValue: try reader.byte()) else {
        throw FeedError(.unsupported, "a form of change that is not known", offset: start)
      }
      isWhole = form == .whole
      try readMetadata(&reader, header)
      try readBases(&reader, header)
      try readLeaves(&reader)
      range = start..<reader.offset
    } catch {
      var error = error
      error.index = index > 0 ? index : nil
      throw error
    }
  }

  private mutating func readMetadata(
    _ reader: inout ByteReader, _ header: BatchHeader
  ) throws(FeedError) {
    let start = reader.offset
    let number = try reader.varint()
    guard header.indexes.contains(number) else {
      throw FeedError(.badIndex, "change \(number) is not of this batch", offset: start)
    }
    index = number
    _ = try reader.varint(max: UInt64(UInt16.max))
    try reader.skipText(max: FeedLimits.keyBytes)
    try reader.skip(8)
    try reader.skipText(max: FeedLimits.actorBytes)
    _ = try reader.cause()
    metadata = start..<reader.offset
  }

  private mutating func readBases(
    _ reader: inout ByteReader, _ header: BatchHeader
  ) throws(FeedError) {
    bases.removeAll(keepingCapacity: true)
    baseEntries = 0
    let count = try reader.count(max: FeedLimits.fields)
    let index = index
    var entries = 0
    for _ in 0..<count {
      let start = reader.offset
      try reader.eachEntry { (replica, seen, at) throws(FeedError) in
        entries += 1
        if seen >= index, replica == header.replica {
          throw FeedError(.badBase, "a base that covers its own write", offset: at)
        }
      }
      let range = start..<reader.offset
      for other in bases where other.count == range.count {
        if reader.bytes[other].elementsEqual(reader.bytes[range]) {
          throw FeedError(.notCanonical, "a base that is there twice", offset: start)
        }
      }
      bases.append(range)
    }
    baseEntries = entries
  }

  private mutating func readLeaves(_ reader: inout ByteReader) throws(FeedError) {
    leaves.removeAll(keepingCapacity: true)
    fields = FieldSet()
    masked = FieldSet()
    closed = FieldSet()
    seed = isWhole ? try reader.skip(FeedLimits.saltBytes) : 0
    let at = reader.offset
    let count = try reader.count(max: FeedLimits.fields)
    var next: UInt8 = 0
    var usedBases: UInt8 = 0
    for _ in 0..<count {
      let leaf = try readLeaf(&reader)
      leaves.append(leaf)
      if leaf.isHidden { continue }
      guard leaf.field >= next, leaf.field < FieldSet.limit else {
        throw FeedError(
          .notCanonical, "fields that are not ascending", offset: leaf.position)
      }
      next = leaf.field + 1
      fields.insert(FieldID(leaf.field))
      if !leaf.mask.isEmpty { masked.insert(FieldID(leaf.field)) }
      if leaf.form == .masked { closed.insert(FieldID(leaf.field)) }
      guard leaf.base <= usedBases, Int(leaf.base) < bases.count else {
        throw FeedError(.notCanonical, "bases out of order", offset: leaf.position)
      }
      if leaf.base == usedBases { usedBases += 1 }
    }
    guard !fields.isEmpty, Int(usedBases) == bases.count else {
      throw FeedError(.notCanonical, "a change without a value, or a base without use", offset: at)
    }
  }

  private func readLeaf(_ reader: inout ByteReader) throws(FeedError) -> LeafLayout {
    var position = reader.offset
    var form = Slot.shown
    if !isWhole {
      guard let slot = Slot(rawValue: try reader.byte()) else {
        throw FeedError(.malformed, "neither a value nor a gap", offset: position)
      }
      form = slot
      let isDigest = slot == .hidden || slot == .masked
      position = try reader.skip(isDigest ? 32 : FeedLimits.saltBytes)
      if slot == .hidden {
        return LeafLayout(
          form: slot, position: position, field: 0, rank: 0, base: 0, value: 0..<0, mask: 0..<0)
      }
    }
    let field = try reader.byte()
    let rank = try reader.byte()
    let base = try reader.byte()
    let start = reader.offset
    if form != .masked { try reader.skipValue() }
    let middle = reader.offset
    if form != .shown { try reader.skipMaskProof() }
    return LeafLayout(
      form: form, position: position, field: field, rank: rank, base: base, value: start..<middle,
      mask: middle..<reader.offset)
  }
}
