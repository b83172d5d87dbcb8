/// Computes the digests of leaves, changes and inner nodes. One per pass: it reuses its buffers and the last base's digest.
struct FeedHasher {
  /// The byte that begins what is hashed, so that no digest of one kind is one of another.
  enum Domain: UInt8 {
    case leaf = 0x00
    case change = 0x01
    case inner = 0x02
    case base = 0x03
    case value = 0x04
    case salt = 0x10
    case possession = 0x20
  }

  private var scratch: [UInt8] = []
  private var change: [UInt8] = []
  private var lastBase: [UInt8] = []
  private var lastBaseDigest: Hash
  private var baseDigests: [Hash] = []

  init() {
    scratch.reserveCapacity(512)
    change.reserveCapacity(1024)
    lastBaseDigest = Hash(of: [])
  }

  /// SHA-256(0x01 ‖ metadata ‖ leaf digests in field order).
  mutating func digest(of layout: ChangeLayout, in bytes: [UInt8]) -> Hash {
    prepareBases(of: layout, in: bytes)
    change.removeAll(keepingCapacity: true)
    change.append(Domain.change.rawValue)
    change.append(contentsOf: bytes[layout.metadata])
    for leaf in layout.leaves {
      if leaf.isHidden {
        change.append(contentsOf: bytes[leaf.position..<leaf.position + 32])
      } else {
        leafDigest(leaf, layout, bytes).append(to: &change)
      }
    }
    return Hash(of: change)
  }

  /// SHA-256(0x00 ‖ field ‖ rank ‖ base digest ‖ value digest) of a leaf that is not hidden; `prepareBases` was called for its change.
  ///
  /// The value has a digest of its own, so that who is shown a masked value can still check by the author's signature which field it is,
  /// its rank, and what the author had seen.
  mutating func leafDigest(_ leaf: LeafLayout, _ layout: ChangeLayout, _ bytes: [UInt8]) -> Hash {
    let value = valueDigest(leaf, layout, bytes)
    scratch.removeAll(keepingCapacity: true)
    scratch.append(Domain.leaf.rawValue)
    scratch.append(leaf.field)
    scratch.append(leaf.rank)
    baseDigests[Int(leaf.base)].append(to: &scratch)
    value.append(to: &scratch)
    return Hash(of: scratch)
  }

  /// SHA-256(0x04 ‖ salt ‖ value).
  mutating func valueDigest(_ leaf: LeafLayout, _ layout: ChangeLayout, _ bytes: [UInt8]) -> Hash {
    if leaf.form == .masked { return Hash(bytes, at: leaf.position) }
    let salt = saltOfWhole(leaf, layout, bytes)
    begin(.value, leaf, salt, bytes)
    scratch.append(contentsOf: bytes[leaf.value])
    return Hash(of: scratch)
  }

  /// SHA-256(0x20 ‖ salt ‖ field ‖ rank ‖ base digest ‖ value) of a leaf with the author's value; `prepareBases` was called for its change.
  mutating func possession(_ leaf: LeafLayout, _ layout: ChangeLayout, _ bytes: [UInt8]) -> Hash {
    let salt = saltOfWhole(leaf, layout, bytes)
    begin(.possession, leaf, salt, bytes)
    scratch.append(leaf.field)
    scratch.append(leaf.rank)
    baseDigests[Int(leaf.base)].append(to: &scratch)
    scratch.append(contentsOf: bytes[leaf.value])
    return Hash(of: scratch)
  }

  private mutating func saltOfWhole(
    _ leaf: LeafLayout, _ layout: ChangeLayout, _ bytes: [UInt8]
  ) -> Hash? {
    layout.isWhole ? saltDigest(layout, leaf.field, bytes) : nil
  }

  /// Begins what is hashed of a leaf: the kind, and the leaf's salt.
  private mutating func begin(
    _ domain: Domain, _ leaf: LeafLayout, _ salt: Hash?, _ bytes: [UInt8]
  ) {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(domain.rawValue)
    if let salt {
      salt.append(to: &scratch, count: FeedLimits.saltBytes)
    } else {
      scratch.append(contentsOf: bytes[leaf.position..<leaf.position + FeedLimits.saltBytes])
    }
  }

  /// SHA-256(0x10 ‖ seed ‖ field); its first 16 bytes are the field's salt.
  mutating func saltDigest(
    _ layout: ChangeLayout, _ field: UInt8, _ bytes: [UInt8]
  ) -> Hash {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(Domain.salt.rawValue)
    scratch.append(contentsOf: bytes[layout.seed..<layout.seed + FeedLimits.saltBytes])
    scratch.append(field)
    return Hash(of: scratch)
  }

  /// SHA-256(0x02 ‖ left ‖ right).
  mutating func inner(_ left: Hash, _ right: Hash) -> Hash {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(Domain.inner.rawValue)
    left.append(to: &scratch)
    right.append(to: &scratch)
    return Hash(of: scratch)
  }

  /// Hashes a change's dictionary of bases. Most changes of a batch share theirs, so the last one is remembered.
  mutating func prepareBases(of layout: ChangeLayout, in bytes: [UInt8]) {
    baseDigests.removeAll(keepingCapacity: true)
    for range in layout.bases {
      if !bytes[range].elementsEqual(lastBase) || lastBase.isEmpty {
        lastBase = Array(bytes[range])
        scratch.removeAll(keepingCapacity: true)
        scratch.append(Domain.base.rawValue)
        scratch.append(contentsOf: lastBase)
        lastBaseDigest = Hash(of: scratch)
      }
      baseDigests.append(lastBaseDigest)
    }
  }
}
