import ReplicationCore
import SeededRandom
import SignedFeed
import Testing

/// A town masks what a village wrote: the village's signature goes on holding, and the town's stands beside it.
@Suite struct MaskTests {
  private let identity = "450103198801011234"
  private let town = Ed25519Signer()
  private let townNode: NodeID
  private let department: NodeID
  private let other: NodeID
  private var village: Fixture

  init() throws {
    townNode = try #require(NodeID("450103001000"))
    department = try #require(NodeID("450103000000/civil-affairs"))
    other = try #require(NodeID("450103000000/health"))
    village = try Fixture()
    village.maskers = [SignerKey(node: townNode, key: town.publicKey)]
  }

  private func sealed() throws -> SignedBatch {
    func write(_ field: UInt8, _ value: Value) -> FieldWrite {
      FieldWrite(field: FieldID(field), value: value, rank: 1, base: VersionVector())
    }
    return try village.seal([
      village.change(1, [write(0, .bool(true)), write(3, .text(identity)), write(4, .date(7400))]),
      village.change(2, [write(3, .text("李小明")), write(5, .integer(1234))]),
    ])
  }

  private func masks(_ field: UInt8, _ mask: Mask) -> FieldMasks {
    var masks = FieldMasks()
    masks[FieldID(field)] = mask
    return masks
  }

  private func masked(
    _ batch: SignedBatch, _ masks: [UInt64: FieldMasks], for receiver: NodeID? = nil
  ) throws -> SignedBatch {
    try batch.pruned(
      to: Dictionary(uniqueKeysWithValues: batch.shown.map { ($0.index, $0.fields) }), masks: masks,
      by: try Masking(townNode, for: receiver ?? department, signedBy: town))
  }

  private func value(_ batch: SignedBatch, _ index: UInt64, _ field: UInt8) -> Value? {
    batch.change(index)?.writes.first { $0.field == FieldID(field) }?.value
  }

  @Test func theAuthorsSignatureHoldsOverAMaskedValue() throws {
    let batch = try masked(try sealed(), [1: masks(3, .partial)])
    let received = try village.receive(batch.encoded())
    #expect(received == batch)
    #expect(
      value(received, 1, 3)
        == .masked(MaskedValue(mask: .partial, shown: .text("450103********1234"))))
    #expect(value(received, 1, 4) == .date(7400))
    #expect(received.change(1)?.writes.map(\.rank) == [1, 1, 1])
    #expect(!received.encoded().contains(run: Array("19880101".utf8)))
    #expect(received.possession(of: 1, FieldID(3)) == nil)
    #expect(received.maskProof(of: 1, FieldID(3))?.masker == townNode)
  }

  @Test func aMaskedValueGoesOnAsItsMaskingNodeSignedIt() throws {
    let first = try masked(try sealed(), [1: masks(3, .partial), 2: masks(3, .partial)])
    let stranger = try Masking(department, for: other, signedBy: Ed25519Signer())
    let next = try first.pruned(
      to: [1: [FieldID(0), FieldID(3)]], masks: [1: masks(3, .partial)], by: stranger)
    #expect(try village.receive(next.encoded()) == next)
    #expect(next == first.pruned(to: [1: [FieldID(0), FieldID(3)]]))
    // Who may see it unmasked cannot be served, nor who may see it under another mask.
    for demand: [UInt64: FieldMasks] in [[:], [1: masks(3, .year)]] {
      let none = try first.pruned(to: [1: [FieldID(0), FieldID(3)]], masks: demand, by: stranger)
      #expect(none.fields(of: 1) == [FieldID(0)])
    }
    let hidden = try first.pruned(
      to: [1: [FieldID(3)]], masks: [1: masks(3, .suppressed)], by: stranger)
    #expect(value(hidden, 1, 3) == .masked(MaskedValue(mask: .suppressed, shown: .null)))
  }

  @Test func anAlteredMaskedValueIsRefused() throws {
    let batch = try masked(try sealed(), [1: masks(3, .partial)])
    let bytes = batch.encoded()
    let shown = Array("450103********1234".utf8)
    let at = try #require((0..<bytes.count - 18).first { Array(bytes[$0..<$0 + 18]) == shown })
    var forged = bytes
    forged[at + 17] = UInt8(ascii: "5")
    #expect(throws: FeedError.self) { try village.receive(forged) }
    // Another mask, said of the same value.
    forged = bytes
    forged[at - 2 - 1] = 5
    #expect(throws: FeedError.self) { try village.receive(forged) }
    #expect(kind(forged) == .badMask)
  }

  @Test func aMaskOfAnUnknownOrAnotherNodesKeyIsRefused() throws {
    let bytes = try masked(try sealed(), [1: masks(3, .partial)]).encoded()
    var other = village
    other.maskers = []
    #expect(kind(bytes, other) == .unknownSigner)
    other.maskers = [SignerKey(node: department, key: town.publicKey)]
    #expect(kind(bytes, other) == .wrongSigner)
    other.maskers = [SignerKey(node: townNode, key: town.publicKey, lastGoodIndex: 5)]
    #expect(kind(bytes, other) == .revoked)
  }

  @Test func aMaskOfOneChangeIsNoneOfAnother() throws {
    // The word of change 1 in the place of that of change 2: each is bound to its author's leaf.
    let one = try masked(try sealed(), [1: masks(3, .suppressed), 2: masks(3, .suppressed)])
    let proofs = [1, 2].compactMap { one.maskProof(of: $0, FieldID(3)) }
    #expect(proofs[0].value == proofs[1].value)
    #expect(proofs[0].signature != proofs[1].signature)
    var bytes = one.encoded()
    let (a, b) = (proofs[0].signature, proofs[1].signature)
    let at = try #require((0..<bytes.count - 64).first { Array(bytes[$0..<$0 + 64]) == a })
    bytes.replaceSubrange(at..<at + 64, with: b)
    #expect(kind(bytes) == .badMask)
  }

  @Test func aPseudonymHangsOnItsReceiver() throws {
    let batch = try sealed()
    let mine = try masked(batch, [1: masks(3, .pseudonym)])
    let again = try masked(batch, [1: masks(3, .pseudonym)])
    let theirs = try masked(batch, [1: masks(3, .pseudonym)], for: other)
    #expect(value(mine, 1, 3) == value(again, 1, 3))
    #expect(value(mine, 1, 3) != value(theirs, 1, 3))
    #expect(mine.maskProof(of: 1, FieldID(3))?.receiver == department)
    // It is not made into one for another receiver, nor passed on as one.
    let passed = try mine.pruned(
      to: [1: [FieldID(0), FieldID(3)]], masks: [1: masks(3, .pseudonym)],
      by: try Masking(townNode, for: other, signedBy: town))
    #expect(passed.fields(of: 1) == [FieldID(0)])
  }

  @Test func theValueStandsBesideItsMaskUntilItIsErased() throws {
    let batch = try sealed()
    let closed = try masked(batch, [1: masks(3, .partial)])
    for both in [try batch.merged(with: closed), try closed.merged(with: batch)] {
      #expect(value(both, 1, 3) == .text(identity))
      #expect(both.maskProof(of: 1, FieldID(3)) != nil)
      let erased = both.closing([1: [FieldID(3)]])
      #expect(value(erased, 1, 3) == value(closed, 1, 3))
      #expect(try village.receive(erased.encoded()) == erased)
      #expect(!erased.encoded().contains(run: Array(identity.utf8)))
      #expect(erased.pruned(to: [1: [FieldID(3)]]) == closed.pruned(to: [1: [FieldID(3)]]))
      #expect(both.closing([1: [FieldID(4)], 2: [FieldID(3)]]) == both)
      #expect(both.redacting([1: [FieldID(3)]]).fields(of: 1) == [FieldID(0), FieldID(4)])
    }
    let year = try masked(batch, [1: masks(3, .suppressed)])
    #expect(value(try closed.merged(with: year), 1, 3) == value(year, 1, 3))
    #expect(value(try year.merged(with: closed), 1, 3) == value(closed, 1, 3))
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func anyMaskingStillVerifies(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let changes = try village.randomChanges(Int.random(in: 1...20, using: &rng), &rng)
    let batch = try village.seal(changes, order: changes.map(\.ref.key), seed: seed)
    var demand: [UInt64: FieldMasks] = [:]
    let all: [Mask] = [.partial, .range(step: 10), .year, .pseudonym, .suppressed]
    for change in changes {
      for field in change.fields.members where rng.next() % 3 == 0 {
        demand[change.dot.index, default: FieldMasks()][field] = all.randomElement(using: &rng)
      }
    }
    let part = Fixture.part(of: batch, &rng)
    let masked = try batch.pruned(
      to: part, masks: demand, by: try Masking(townNode, for: department, signedBy: town))
    #expect(try village.receive(masked.encoded()) == masked)
    #expect(masked.digest == batch.digest)
    for change in masked.changes {
      for write in change.writes {
        let mask = demand[change.dot.index]?[write.field]
        guard case .masked(let value) = write.value else {
          #expect(mask == nil)
          continue
        }
        #expect(value.mask == mask)
      }
    }
    let both = try batch.pruned(to: part).merged(with: masked)
    let closing = demand.mapValues { $0.fields }
    #expect(both.closing(closing) == masked)
    #expect(both.changes == batch.pruned(to: part).changes)
  }

  private func kind(_ bytes: [UInt8], _ fixture: Fixture? = nil) -> FeedError.Kind? {
    do throws(FeedError) {
      _ = try (fixture ?? village).receive(bytes)
      return nil
    } catch {
      return error.kind
    }
  }
}
