import ReplicationCore
import SignedFeed
import Testing
import SeededRandom

@Suite struct HostileBatchTests {
  /// A batch with whole, partial and hidden changes, with bases and a restore.
  private func mixed(_ village: Fixture) throws -> SignedBatch {
    var rng = SplitMix64(seed: 3)
    var changes = try village.randomChanges(5, &rng)
    changes.append(
      Change(
        dot: Dot(village.replica, 6), ref: RecordRef(LedgerID(2), "中文"),
        writes: [
          FieldWrite(field: .alive, value: .bool(true), rank: 0, base: VersionVector())
        ], time: 1, actor: "王", cause: .restore([Dot(village.replica, 2)])))
    let batch = try village.seal(changes)
    var shown: [UInt64: FieldSet] = [:]
    for (index, fields) in batch.shown { shown[index] = index == 2 ? FieldSet() : fields }
    shown[1] = FieldSet([FieldID(0)])
    return batch.pruned(to: shown)
  }

  @Test func anyFlippedBitIsRefused() throws {
    let village = try Fixture()
    let bytes = try mixed(village).encoded()
    var accepted: [String] = []
    for place in bytes.indices {
      for bit in 0..<8 {
        var bad = bytes
        bad[place] ^= 1 << UInt8(bit)
        if (try? village.receive(bad)) != nil { accepted.append("bit \(bit) of byte \(place)") }
      }
    }
    #expect(accepted == [])
  }

  @Test func aBatchCutShortAnywhereIsRefused() throws {
    let village = try Fixture()
    let bytes = try mixed(village).encoded()
    let accepted = bytes.indices.filter { size in
      (try? village.receive(Array(bytes[..<size]))) != nil
        || (try? SignedBatch(trusted: Array(bytes[..<size]))) != nil
    }
    #expect(accepted == [])
    #expect(kind { try village.receive(bytes + [0]) } == .trailing)
  }

  @Test func aBatchIsReadOutOfALongerBufferAndTheReaderStandsBehindIt() throws {
    let village = try Fixture()
    let batch = try mixed(village)
    var reader = ByteReader([1, 2, 3] + batch.encoded() + [9], in: 3..<batch.encodedSize + 4)
    let read = try UnverifiedBatch(decoding: &reader)
    #expect(read.encoded == batch.encoded())
    #expect(try reader.byte() == 9)
    #expect(try read.verified(by: village).changes == batch.changes)
  }

  @Test func anotherNodesKeyAnotherIncarnationAndARevokedKeyAreRefused() throws {
    var village = try Fixture()
    let bytes = try mixed(village).encoded()
    let key = village.known.key
    let node = village.replica.node
    let neighbour = try #require(NodeID("450103001006"))
    village.known = SignerKey(node: neighbour, key: key)
    #expect(kind { try village.receive(bytes) } == .wrongSigner)
    village.known = SignerKey(node: node, key: key, incarnation: 2)
    #expect(kind { try village.receive(bytes) } == .wrongSigner)
    village.known = SignerKey(node: node, key: key, lastGoodIndex: 5)
    #expect(kind { try village.receive(bytes) } == .revoked)
    village.known = SignerKey(node: node, key: key, incarnation: 1, lastGoodIndex: 6)
    #expect(throws: Never.self) { try village.receive(bytes) }
    village.known = SignerKey(node: node, key: Ed25519Signer().publicKey)
    #expect(kind { try village.receive(bytes) } == .unknownSigner)
  }

  @Test func changesThatWereSignedElsewhereHaveAWrongRoot() throws {
    let village = try Fixture()
    let write = FieldWrite(field: FieldID(2), value: .null, rank: 0, base: VersionVector())
    let a = try village.seal([village.change(1, [write], key: "a")])
    let b = try village.seal([village.change(1, [write], key: "b")])
    let bytes = try head(a) + tree(b)
    #expect(kind { try village.receive(bytes) } == .wrongRoot)
    // Also when nothing of it is shown.
    let hidden = b.pruned(to: [:])
    #expect(kind { try village.receive(try head(a) + tree(hidden)) } == .wrongRoot)
  }

  @Test func twoChangesOfOneIndexAreRefusedBeforeAnySignatureIsChecked() throws {
    let village = try Fixture()
    let write = FieldWrite(field: FieldID(2), value: .null, rank: 0, base: VersionVector())
    let two = try village.seal([village.change(1, [write]), village.change(2, [write])])
    let one = try village.seal([village.change(1, [write])])
    let bytes = try head(two) + [2] + tree(one) + tree(one)
    #expect(kind { try village.receive(bytes) } == .badIndex)
    let later = try village.seal([village.change(3, [write])])
    #expect(
      kind { try village.receive(try head(two) + [2] + tree(one) + tree(later)) } == .badIndex)
  }

  @Test func aTreeOfAnotherShapeIsRefused() throws {
    let village = try Fixture()
    let write = FieldWrite(field: FieldID(2), value: .null, rank: 0, base: VersionVector())
    let two = try village.seal([village.change(1, [write]), village.change(2, [write])])
    let one = try village.seal([village.change(1, [write])])
    let digest = [0] + Array(repeating: UInt8(7), count: 32)
    #expect(kind { try village.receive(try head(two) + [2] + digest + digest) } == .notCanonical)
    #expect(kind { try village.receive(try head(two) + tree(one)) } == .malformed)
    let deep = Array(repeating: UInt8(2), count: 5000)
    #expect(kind { try village.receive(try head(two) + deep) } == .malformed)
  }

  @Test func aBaseThatCoversItsOwnWriteIsNeverSealed() throws {
    let village = try Fixture()
    let base = VersionVector(Dot(village.replica, 1))
    let write = FieldWrite(field: FieldID(2), value: .null, rank: 0, base: base)
    #expect(kind { try village.seal([village.change(1, [write])]) } == .badBase)
    #expect(throws: Never.self) { try village.seal([village.change(2, [write])]) }
  }

  @Test func whatIsAboveTheBoundsIsNeverSealed() throws {
    let village = try Fixture()
    func seal(_ value: Value, key: String = "k", actor: String = "a") throws -> SignedBatch {
      let write = FieldWrite(field: FieldID(2), value: value, rank: 0, base: VersionVector())
      return try village.seal([village.change(1, [write], key: key, actor: actor)])
    }
    let long = String(repeating: "x", count: 65_536)
    #expect(throws: Never.self) { try seal(.text(long)) }
    #expect(kind { try seal(.text(long + "x")) } == .tooLarge)
    #expect(kind { try seal(.text("a\0b")) } == .cannotSeal)
    #expect(kind { try seal(.decimal("1e5")) } == .cannotSeal)
    #expect(kind { try seal(.decimal("NaN")) } == .cannotSeal)
    #expect(kind { try seal(.null, key: String(long.prefix(257))) } == .tooLarge)
    #expect(kind { try seal(.null, actor: String(long.prefix(257))) } == .tooLarge)
    #expect(kind { try seal(.date(.max)) } == .cannotSeal)
    #expect(kind { try village.seal([]) } == .cannotSeal)
    #expect(kind { try village.seal([village.change(1, [])]) } == .cannotSeal)
    let write = FieldWrite(field: FieldID(2), value: .null, rank: 0, base: VersionVector())
    #expect(
      kind { try village.seal([village.change(1, [write, write])]) } == .notCanonical)
    #expect(
      kind { try village.seal([village.change(1, [write]), village.change(3, [write])]) }
        == .cannotSeal)
    let many = (0..<65).compactMap { slug -> VersionVector.Entry? in
      guard let node = NodeID(code: village.replica.node.code, slug: "s\(slug + 100)") else {
        return nil
      }
      return VersionVector.Entry(Replica(node: node, incarnation: 1, lane: .bulk), 1)
    }
    let base = try #require(VersionVector(canonical: many))
    let wide = FieldWrite(field: FieldID(2), value: .null, rank: 0, base: base)
    #expect(kind { try village.seal([village.change(1, [wide])]) } == .tooLarge)
  }

  @Test func aFullBatchFitsAFrameHoweverItIsPruned() throws {
    let village = try Fixture()
    var changes: [Change] = []
    var size = 0
    while true {
      let index = UInt64(changes.count + 1)
      let writes = (2..<20).map {
        FieldWrite(field: FieldID($0), value: .null, rank: 0, base: VersionVector())
      }
      let change = village.change(index, writes)
      size += SignedBatch.sizeBound(of: change)
      if size > FeedLimits.sealedBytes { break }
      changes.append(change)
    }
    let batch = try village.seal(changes)
    let odd = FieldSet((2..<20).filter { $0 % 2 == 1 }.map(FieldID.init))
    let pruned = batch.pruned(
      to: Dictionary(uniqueKeysWithValues: changes.map { ($0.dot.index, odd) }))
    #expect(pruned.encodedSize > 2 * batch.encodedSize)
    #expect(pruned.encodedSize <= FeedLimits.sealedBytes)
    #expect(try village.receive(pruned.encoded()) == pruned)
    changes.append(village.change(UInt64(changes.count + 1), changes[0].writes))
    #expect(kind { try village.seal(changes) } == .cannotSeal)
  }

  @Test func aBatchThatPruningCouldTakeAboveAFrameIsRefusedWholeAlready() throws {
    let village = try Fixture()
    let writes = (2..<20).map {
      FieldWrite(field: FieldID($0), value: .null, rank: 0, base: VersionVector())
    }
    var leaves: [[UInt8]] = []
    for index in 1...UInt64(450) {
      leaves.append(try tree(try village.seal([village.change(index, writes)])))
    }
    func node(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
      guard leaves.count > 1 else { return leaves.first ?? [] }
      var left = 1
      while left * 2 < leaves.count { left *= 2 }
      let middle = leaves.startIndex + left
      return [2] + node(leaves[..<middle]) + node(leaves[middle...])
    }
    let header = BatchHeader(
      suite: .ed25519, replica: village.replica, firstIndex: 1, count: 450, previous: .zero,
      policyEpoch: 1, catalogEpoch: 1, time: 0, isAdjusted: false,
      signer: village.signer.fingerprint, root: .zero)
    var writer = ByteWriter()
    writer.lengthPrefixed(header.encoded())
    writer.lengthPrefixed(Array(repeating: 0, count: 64))
    writer.raw(node(leaves[...]))
    #expect(writer.bytes.count < FeedLimits.batchBytes / 2)
    #expect(kind { try village.receive(writer.bytes) } == .tooLarge)
  }

  @Test func theErrorNamesReplicaAndChangeButNoValue() throws {
    let village = try Fixture()
    let write = FieldWrite(
      field: FieldID(2), value: .text("secret\0"), rank: 0, base: VersionVector())
    let error = try #require(
      throws: FeedError.self, performing: { try village.seal([village.change(7, [write])]) })
    #expect(error.code == "feed.cannot_seal")
    #expect(error.index == 7)
    #expect(!error.description.contains("secret"))
  }

  private func kind(_ body: () throws -> SignedBatch) -> FeedError.Kind? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? FeedError)?.kind
    }
  }

  /// Header and signature with their lengths.
  private func head(_ batch: SignedBatch) throws -> [UInt8] {
    Array(batch.encoded()[..<(try treeStart(batch))])
  }

  private func tree(_ batch: SignedBatch) throws -> [UInt8] {
    Array(batch.encoded()[(try treeStart(batch))...])
  }

  private func treeStart(_ batch: SignedBatch) throws -> Int {
    var reader = ByteReader(batch.encoded())
    _ = try reader.lengthPrefixed(max: FeedLimits.headerBytes)
    _ = try reader.lengthPrefixed(max: FeedLimits.signatureBytes)
    return reader.offset
  }
}
