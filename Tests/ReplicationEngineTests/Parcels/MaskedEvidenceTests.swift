import ReplicationCore
import ReplicationEngine
import SeededRandom
import SignedFeed
import Testing

@Suite("Masked values in a parcel")
struct MaskedEvidenceTests {
  /// Knows the signing keys of some nodes.
  private struct Keys: KeyDirectory, SignerAuthority {
    var keys: [Digest: SignerKey] = [:]

    mutating func add(_ node: NodeID, _ signer: Ed25519Signer) {
      keys[signer.fingerprint] = SignerKey(node: node, key: signer.publicKey)
    }

    func key(_ fingerprint: Digest) -> SignerKey? { keys[fingerprint] }
    func admit(_ chain: [[UInt8]]) throws -> SignerKey {
      throw FeedError(.unknownSigner, "nobody is admitted")
    }
  }

  @Test("stand on a masking node's signature: without it, or with another's, the parcel is refused")
  func signed() throws {
    let village = try #require(NodeID("450103001005"))
    let town = try #require(NodeID("450103001000"))
    let county = try #require(NodeID("450103000000"))
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), 1)
    let field = FieldID(3)
    let write = FieldWrite(field: field, value: .text("张三丰"), rank: 0, base: VersionVector())
    let change = Change(
      dot: dot, ref: RecordRef(LedgerID(1), "a"), writes: [write], time: 1, actor: "x",
      cause: .write)
    var rng = SplitMix64(seed: 3)
    let author = Ed25519Signer()
    let masker = Ed25519Signer()
    let batch = try SignedBatch.seal(
      [change], order: [""], previous: .zero, policyEpoch: 1, catalogEpoch: 1, time: 1,
      isAdjusted: false, signer: author, using: &rng)
    var masks = FieldMasks()
    masks[field] = .partial
    let masked = try batch.pruned(
      to: [1: [field]], masks: [1: masks], by: try Masking(town, for: county, signedBy: masker))
    let item = Item.change(change.ref, dot: dot, fields: [field], payload: false)
    func verified(_ keys: Keys) throws -> VerifiedParcel {
      let parcel = Parcel(
        lane: .bulk, span: .feed(from: 1, next: 2), policyEpoch: 1, items: [item],
        evidence: [masked])
      return try UnverifiedParcel(decoding: parcel.encoded()).verified(by: keys, authority: keys)
    }
    var keys = Keys()
    keys.add(village, author)
    let unknown = #expect(throws: ParcelError.self) { try verified(keys) }
    #expect(unknown?.code == .unknownSigner)
    var wrong = keys
    wrong.keys[masker.fingerprint] = SignerKey(node: county, key: masker.publicKey)
    let another = #expect(throws: ParcelError.self) { try verified(wrong) }
    #expect(another?.code == .badBatch)
    keys.add(town, masker)
    let told = try verified(keys).parcel.evidence.first?.changes.first
    #expect(told?.writes.first?.value == .masked(MaskedValue(mask: .partial, shown: .text("张*"))))
  }
}
