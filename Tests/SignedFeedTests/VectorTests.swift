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
        let (pruned, _) = try receive(vector, pruning.encoded, pruning.masks)
        #expect(pruned.changes == (try changes.keeping(pruning.fields).masked(by: pruning)))
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
        let masking = try pruning.masks.first.map { try $0.masking }
        let pruned = try batch.pruned(to: pruning.fields, masks: try pruning.demand, by: masking)
        #expect(pruned.encoded().hex == pruning.encoded)
      }
    }
  }

  private func receive(
    _ vector: VectorFile.Batch, _ encoded: String, _ masks: [VectorFile.Pruning.Masked] = []
  ) throws -> (SignedBatch, [Change]) {
    var village = try Fixture()
    if let mask = masks.first { village.maskers = [try mask.signerKey] }
    let replica = try vector.replica.replica()
    let raw = try #require([UInt8](hex: vector.publicKey))
    village.known = SignerKey(
      node: replica.node, key: try #require(VerificationKey(suite: .ed25519, raw: raw)))
    let batch = try village.receive(try #require([UInt8](hex: encoded)))
    return (batch, try vector.changes.map { try $0.change(of: replica) })
  }
}

extension VectorFile.Pruning.Masked {
  var masked: MaskedValue {
    get throws {
      let mask: Mask =
        switch self.mask {
        case 1: .partial
        case 2: .range(step: step)
        case 3: .year
        case 4: .pseudonym
        default: .suppressed
        }
      return MaskedValue(mask: mask, shown: try shown.value())
    }
  }

  var masking: Masking {
    get throws {
      try Masking(
        try #require(NodeID(masker)), for: try #require(NodeID(receiver)),
        signedBy: try Ed25519Signer(
          rawRepresentation: try #require([UInt8](hex: privateKey))))
    }
  }

  var signerKey: SignerKey {
    get throws {
      let raw = try #require([UInt8](hex: publicKey))
      return SignerKey(
        node: try #require(NodeID(masker)),
        key: try #require(VerificationKey(suite: .ed25519, raw: raw)))
    }
  }
}

extension [Change] {
  /// With the masked values of a pruning in their places.
  fileprivate func masked(by pruning: VectorFile.Pruning) throws -> [Change] {
    try map { change in
      var change = change
      change.writes = try change.writes.map { write in
        guard
          let mask = pruning.masks.first(where: {
            $0.index == change.dot.index && $0.field == write.field.number
          })
        else { return write }
        return FieldWrite(
          field: write.field, value: .masked(try mask.masked), rank: write.rank, base: write.base)
      }
      return change
    }
  }
}

extension VectorFile.Pruning {
  /// The masks that the receiver's view demands.
  fileprivate var demand: [UInt64: FieldMasks] {
    get throws {
      var result: [UInt64: FieldMasks] = [:]
      for mask in masks {
        result[mask.index, default: FieldMasks()][FieldID(mask.field)] = try mask.masked.mask
      }
      return result
    }
  }

  var fields: [UInt64: FieldSet] {
    Dictionary(
      uniqueKeysWithValues: shown.map { ($0.index, FieldSet($0.fields.map(FieldID.init))) })
  }
}
