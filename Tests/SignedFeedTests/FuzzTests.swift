import FuzzKit
import ReplicationCore
import SignedFeed
import Testing
import SeededRandom

@Suite struct FuzzTests {
  /// Mutated batches go through every decoder; what gets through is used in every way a node would.
  @Test func noBytesMakeTheBatchDecoderTrap() throws {
    var rng = SplitMix64(seed: 4)
    let village = try Fixture()
    var samples: [(String, [UInt8])] = []
    for (number, vector) in try VectorFile.load().batches.enumerated() {
      samples.append(("vector-\(number)", try #require([UInt8](hex: vector.encoded))))
      for (part, pruning) in vector.prunings.enumerated() {
        samples.append(
          ("vector-\(number)-pruned-\(part)", try #require([UInt8](hex: pruning.encoded))))
      }
    }
    for size in [1, 3, 17] {
      let batch = try village.seal(try village.randomChanges(size, &rng))
      samples.append(("random-\(size)", batch.encoded()))
      let pruned = batch.pruned(to: Fixture.part(of: batch, &rng))
      samples.append(("random-\(size)-pruned", pruned.encoded()))
    }
    let known = Set(samples.map(\.1))
    try Fuzzer("batches", samples: samples).run { bytes, random in
      if (try? village.receive(bytes)) != nil, !known.contains(bytes) {
        Issue.record("mutated bytes were believed: \(bytes.hex)")
      }
      guard let batch = try? SignedBatch(trusted: bytes) else { return .refused }
      #expect(batch.encoded() == bytes)
      var rng = SplitMix64(seed: random.next())
      use(batch, &rng)
      return .accepted
    }
  }

  /// What decodes as a value, a vector or a cause must have these bytes as its only encoding.
  @Test func noBytesMakeTheValueDecodersTrap() throws {
    var rng = SplitMix64(seed: 5)
    let changes = try Fixture().randomChanges(40, &rng)
    var samples: [(String, [UInt8])] = []
    for write in changes.flatMap(\.writes) {
      var writer = ByteWriter()
      writer.value(write.value)
      writer.vector(write.base)
      samples.append(("value-\(samples.count)", writer.bytes))
    }
    for change in changes.prefix(4) {
      var writer = ByteWriter()
      writer.value(.verified([Verification(FieldID(3), change.dot, time: -7, actor: "张三")]))
      writer.vector(VersionVector(change.dot))
      writer.cause(.restore([change.dot]))
      samples.append(("cause-\(samples.count)", writer.bytes))
    }
    try Fuzzer("values", samples: Array(samples.suffix(60))).run { bytes, _ in
      var reader = ByteReader(bytes)
      var writer = ByteWriter()
      var verdict = Fuzzer.Verdict.refused
      if let value = try? reader.value() {
        writer.value(value)
        _ = value.fault
        #expect(writer.bytes == Array(bytes[..<reader.offset]))
        verdict = .accepted
        if let vector = try? reader.vector() {
          writer.vector(vector)
          #expect(writer.bytes == Array(bytes[..<reader.offset]))
        }
        if let cause = try? reader.cause() {
          let from = writer.bytes.count
          writer.cause(cause)
          #expect(
            writer.bytes[from...].elementsEqual(
              bytes[..<reader.offset].suffix(
                writer.bytes.count - from)))
        }
      }
      return verdict
    }
  }

  private func use(_ batch: SignedBatch, _ rng: inout SplitMix64) {
    #expect(batch.changes.map(\.dot.index) == batch.shown.map(\.index))
    let part = Fixture.part(of: batch, &rng)
    let pruned = batch.pruned(to: part)
    #expect(pruned.changes == batch.changes.keeping(part))
    #expect((try? pruned.merged(with: batch))?.changes == batch.changes)
    #expect((try? SignedBatch(trusted: pruned.encoded())) == pruned)
  }
}
