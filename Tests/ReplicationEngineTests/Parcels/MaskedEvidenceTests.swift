import ReplicationCore
import ReplicationEngine
import SeededRandom
import SignedFeed
import Testing

@Suite("Masked values that nobody asked for")
struct MaskedEvidenceTests {
  private struct Stranger: KeyDirectory, SignerAuthority {
    func key(_ fingerprint: Digest) -> SignerKey? { nil }
    func admit(_ chain: [[UInt8]]) throws -> SignerKey {
      throw FeedError(.unknownSigner, "nobody is known")
    }
  }

  @Test("end the parcel before any signature is checked")
  func refused() throws {
    let village = try #require(NodeID("450103001005"))
    let town = try #require(NodeID("450103001000"))
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), 1)
    let field = FieldID(3)
    let write = FieldWrite(field: field, value: .text("张三丰"), rank: 0, base: VersionVector())
    let change = Change(
      dot: dot, ref: RecordRef(LedgerID(1), "a"), writes: [write], time: 1, actor: "x",
      cause: .write)
    var rng = SplitMix64(seed: 3)
    let signer = Ed25519Signer()
    let batch = try SignedBatch.seal(
      [change], order: [""], previous: .zero, policyEpoch: 1, catalogEpoch: 1, time: 1,
      isAdjusted: false, signer: signer, using: &rng)
    var masks = FieldMasks()
    masks[field] = .partial
    let masked = try batch.pruned(
      to: [1: [field]], masks: [1: masks], by: try Masking(town, for: town, signedBy: signer))
    let item = Item.change(change.ref, dot: dot, fields: [field], payload: false)
    func error(_ evidence: SignedBatch) throws -> ParcelError? {
      let parcel = Parcel(
        lane: .bulk, span: .feed(from: 1, next: 2), policyEpoch: 1, items: [item],
        evidence: [evidence])
      let unverified = try UnverifiedParcel(decoding: parcel.encoded())
      return #expect(throws: ParcelError.self) {
        try unverified.verified(by: Stranger(), authority: Stranger())
      }
    }
    let refused = try error(masked)
    #expect(refused?.code == .badBatch && refused?.detail.contains("masked") == true)
    #expect(try error(batch)?.code == .unknownSigner)
  }
}
