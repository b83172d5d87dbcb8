import ReplicationCore
import SignedFeed
import Testing
import SeededRandom

@Suite struct PruningTests {
  @Test(arguments: 0..<60 as Range<UInt64>)
  func anyPruningStillVerifiesAgainstItsAuthorAndShowsWhatWasAskedFor(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let village = try Fixture()
    let changes = try village.randomChanges(Int.random(in: 1...40, using: &rng), &rng)
    let batch = try village.seal(changes, order: changes.map(\.ref.key), seed: seed)
    #expect(try village.receive(batch.encoded()) == batch)
    #expect(batch.changes == changes)

    let first = Fixture.part(of: batch, &rng)
    let pruned = batch.pruned(to: first)
    #expect(try village.receive(pruned.encoded()) == pruned)
    #expect(pruned.changes == changes.keeping(first))
    #expect(pruned.digest == batch.digest)

    // The second relay knows only what the first handed on.
    let second = Fixture.part(of: batch, &rng)
    let twice = pruned.pruned(to: second)
    #expect(try village.receive(twice.encoded()) == twice)
    #expect(twice.changes == changes.keeping(first).keeping(second))
    var both: [UInt64: FieldSet] = [:]
    for (index, fields) in first { both[index] = fields.intersection(second[index] ?? FieldSet()) }
    #expect(twice == batch.pruned(to: both))
    #expect(pruned.pruned(to: first) == pruned)
    let gone = Dictionary(
      uniqueKeysWithValues: batch.shown.map { index, fields in
        (index, fields.subtracting(first[index] ?? FieldSet()))
      })
    #expect(batch.redacting(gone) == pruned)

    for change in changes {
      let shown = twice.changes.first { $0.dot == change.dot }
      #expect(twice.change(change.dot.index) == shown)
      #expect(twice.fields(of: change.dot.index) == shown?.fields ?? FieldSet())
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func twoPruningsMergeIntoTheUnionOfWhatTheyShow(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    let village = try Fixture()
    let changes = try village.randomChanges(Int.random(in: 1...40, using: &rng), &rng)
    let batch = try village.seal(changes, seed: seed)
    let parts = (Fixture.part(of: batch, &rng), Fixture.part(of: batch, &rng))
    let a = batch.pruned(to: parts.0)
    let b = batch.pruned(to: parts.1)
    let merged = try a.merged(with: b)
    #expect(merged.changes == changes.keeping(parts.0.merging(parts.1) { $0.union($1) }))
    #expect(try village.receive(merged.encoded()) == merged)
    #expect(try b.merged(with: a) == merged)
    #expect(try merged.merged(with: a) == merged)
    #expect(try merged.merged(with: batch) == batch)
    #expect(try batch.merged(with: a) == batch)
  }

  @Test func aRedactedValueLeavesNoByteBehindAndTheProofStands() throws {
    let village = try Fixture()
    let secret = "450103199001011234"
    let changes = [
      village.change(
        1,
        [
          FieldWrite(field: FieldID(2), value: .text("home"), rank: 0, base: VersionVector()),
          FieldWrite(field: FieldID(3), value: .text(secret), rank: 0, base: VersionVector()),
        ]),
      village.change(
        2, [FieldWrite(field: FieldID(3), value: .text(secret), rank: 0, base: VersionVector())],
        key: "another person"),
    ]
    let batch = try village.seal(changes)
    #expect(batch.encoded().contains(run: Array(secret.utf8)))
    let id = FieldSet([FieldID(3)])
    let redacted = batch.redacting([1: id, 2: id])
    let bytes = redacted.encoded()
    #expect(!bytes.contains(run: Array(secret.utf8)))
    #expect(!bytes.contains(run: Array("another person".utf8)))
    #expect(try village.receive(bytes) == redacted)
    #expect(redacted.changes.map(\.fields) == [FieldSet([FieldID(2)])])
  }

  @Test func theSeedStaysBackAsSoonAsOneFieldIsHidden() throws {
    let village = try Fixture()
    let change = village.change(
      1,
      [2, 3].map {
        FieldWrite(field: FieldID($0), value: .bool(true), rank: 0, base: VersionVector())
      })
    var rng = ReplayedNumbers([0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210])
    let batch = try SignedBatch.seal(
      [change], order: [""], previous: .zero, policyEpoch: 1, catalogEpoch: 1, time: 0,
      isAdjusted: false, signer: village.signer, using: &rng)
    var writer = ByteWriter()
    writer.fixed(0x0123_4567_89AB_CDEF, count: 8)
    writer.fixed(0xFEDC_BA98_7654_3210, count: 8)
    #expect(batch.encoded().contains(run: writer.bytes))
    let pruned = batch.pruned(to: [1: FieldSet([FieldID(2)])])
    #expect(!pruned.encoded().contains(run: writer.bytes))
    // The hidden field's salt would let a reader guess a value of two possibilities.
    let salt = Digest(hashing: [0x10] + writer.bytes + [3]).bytes.prefix(16)
    #expect(!pruned.encoded().contains(run: Array(salt)))
  }

  @Test func aHomesShareOfAFullBatchCostsFewBytesAChange() throws {
    let village = try Fixture()
    let changes = (1...UInt64(256)).map { i in
      village.change(
        i, [FieldWrite(field: FieldID(2), value: .null, rank: 0, base: VersionVector())])
    }
    // Homes come mixed, as a town seals them; the tree sorts them together.
    let batch = try village.seal(changes, order: changes.map { "45010300100\($0.dot.index % 8)" })
    var share: [UInt64: FieldSet] = [:]
    for i in stride(from: UInt64(5), through: 256, by: 8) { share[i] = FieldSet([FieldID(2)]) }
    let pruned = batch.pruned(to: share)
    let body = batch.encodedSize / 256 * share.count
    #expect(pruned.encodedSize < body + 300 + 33 * 8)
    #expect(try village.receive(pruned.encoded()).changes.count == 32)
  }

  @Test func copiesOfDifferentBatchesDoNotMerge() throws {
    let village = try Fixture()
    var rng = SplitMix64(seed: 7)
    let changes = try village.randomChanges(3, &rng)
    let batch = try village.seal(changes, seed: 1)
    let fork = try village.seal(changes, seed: 2)
    #expect(throws: FeedError.self) { try batch.merged(with: fork) }
  }
}
