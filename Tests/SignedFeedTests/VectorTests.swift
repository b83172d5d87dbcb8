import ReplicationCore
import SignedFeed
import Testing

/// The bytes of an implementation in another language, written from the document alone.
@Suite struct VectorTests {
  @Test func theForeignBytesVerifyAndSayWhatTheirScriptMeant() throws {
    let file = try VectorFile.load()
    #expect(file.batches.count == 4)
    for vector in file.batches {
      let (batch, changes) = try receive(vector, vector.encoded)
      #expect(batch.changes == changes, "\(vector.name)")
      #expect(batch.digest.description == vector.digest)
      #expect(batch.header.root.description == vector.root)
      #expect(batch.header.encoded().hex == vector.header)
      for pruning in vector.prunings {
        let (pruned, _) = try receive(vector, pruning.encoded)
        #expect(pruned.changes == changes.keeping(pruning.fields))
      }
    }
  }

  @Test func sealingAndPruningHereMakeTheForeignBytes() throws {
    for vector in try VectorFile.load().batches {
      let replica = try vector.replica.replica()
      let key = try #require([UInt8](hex: vector.privateKey))
      // Seeds are drawn in the order of the leaves.
      let sorted = vector.changes.sorted { ($0.order, $0.index) < ($1.order, $1.index) }
      var numbers: [UInt64] = []
      for change in sorted {
        var reader = ByteReader(try #require([UInt8](hex: change.seed)))
        numbers.append(try reader.fixed(8))
        numbers.append(try reader.fixed(8))
      }
      var rng = ReplayedNumbers(numbers)
      let batch = try SignedBatch.seal(
        try vector.changes.map { try $0.change(of: replica) }, order: vector.changes.map(\.order),
        previous: try #require(Digest([UInt8](hex: vector.previous) ?? [])),
        policyEpoch: vector.policyEpoch, catalogEpoch: vector.catalogEpoch, time: vector.time,
        isAdjusted: vector.isAdjusted, signer: try Ed25519Signer(rawRepresentation: key),
        using: &rng)
      #expect(batch.encoded().hex == vector.encoded, "\(vector.name)")
      for pruning in vector.prunings {
        #expect(batch.pruned(to: pruning.fields).encoded().hex == pruning.encoded)
      }
    }
  }

  private func receive(
    _ vector: VectorFile.Batch, _ encoded: String
  ) throws -> (SignedBatch, [Change]) {
    var village = try Fixture()
    let replica = try vector.replica.replica()
    let raw = try #require([UInt8](hex: vector.publicKey))
    village.known = SignerKey(
      node: replica.node, key: try #require(VerificationKey(suite: .ed25519, raw: raw)))
    let batch = try village.receive(try #require([UInt8](hex: encoded)))
    return (batch, try vector.changes.map { try $0.change(of: replica) })
  }
}

extension VectorFile.Pruning {
  var fields: [UInt64: FieldSet] {
    Dictionary(
      uniqueKeysWithValues: shown.map { ($0.index, FieldSet($0.fields.map(FieldID.init))) })
  }
}
