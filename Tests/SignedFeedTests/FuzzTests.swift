import Foundation
import ReplicationCore
import SignedFeed
import Testing

@Suite struct FuzzTests {
  /// Mutated batches and random values go through every decoder; what gets through is used in every way a node would.
  ///
  /// Seconds: `HUIJIA_FUZZ_SECONDS` (2). Seed: `HUIJIA_FUZZ_SEED`; printed, so that a crash can be replayed.
  @Test func noBytesMakeTheDecodersTrap() throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = Double(environment["HUIJIA_FUZZ_SECONDS"] ?? "") ?? 2
    let seed = UInt64(environment["HUIJIA_FUZZ_SEED"] ?? "") ?? UInt64.random(in: 0...999_999)
    print("feed decoders fuzzed for \(seconds) s with HUIJIA_FUZZ_SEED=\(seed)")
    var rng = SeededGenerator(seed: seed)
    let village = try Fixture()
    var corpus: [[UInt8]] = []
    for vector in try VectorFile.load().batches {
      corpus.append(try #require([UInt8](hex: vector.encoded)))
      for pruning in vector.prunings { corpus.append(try #require([UInt8](hex: pruning.encoded))) }
    }
    for size in [1, 3, 17] {
      let batch = try village.seal(try village.randomChanges(size, &rng))
      corpus.append(batch.encoded())
      corpus.append(batch.pruned(to: Fixture.part(of: batch, &rng)).encoded())
    }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var accepted = 0
    var rounds = 0
    while clock.now < end {
      rounds += 1
      let bytes = mutate(corpus, &rng)
      if let batch = read(bytes) {
        accepted += 1
        use(batch, &rng)
      }
      if (try? village.receive(bytes)) != nil, !corpus.contains(bytes) {
        Issue.record("mutated bytes were believed: \(bytes.hex)")
      }
      checkValue(bytes, &rng)
    }
    print("\(rounds) inputs, \(accepted) of sound structure")
    #expect(accepted > 0 && accepted < rounds)
  }

  private func mutate(_ corpus: [[UInt8]], _ rng: inout SeededGenerator) -> [UInt8] {
    var bytes = corpus[Int.random(in: corpus.indices, using: &rng)]
    for _ in 0..<Int.random(in: 1...4, using: &rng) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &rng)
      switch Int.random(in: 0..<6, using: &rng) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &rng)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &rng), at: place)
      case 3: bytes.remove(at: place)
      case 4: bytes.removeLast(bytes.count - place)
      default:
        let other = corpus[Int.random(in: corpus.indices, using: &rng)]
        let from = Int.random(in: other.indices, using: &rng)
        bytes.replaceSubrange(place..., with: other[from...])
      }
    }
    return bytes
  }

  private func read(_ bytes: [UInt8]) -> SignedBatch? {
    guard let batch = try? SignedBatch(trusted: bytes) else { return nil }
    #expect(batch.encoded() == bytes)
    #expect(batch.header.encoded().count < bytes.count)
    return batch
  }

  private func use(_ batch: SignedBatch, _ rng: inout SeededGenerator) {
    #expect(batch.changes.map(\.dot.index) == batch.shown.map(\.index))
    let part = Fixture.part(of: batch, &rng)
    let pruned = batch.pruned(to: part)
    #expect(pruned.changes == batch.changes.keeping(part))
    #expect((try? pruned.merged(with: batch))?.changes == batch.changes)
    #expect((try? SignedBatch(trusted: pruned.encoded())) == pruned)
  }

  /// What decodes as a value must have these bytes as its only encoding.
  private func checkValue(_ bytes: [UInt8], _ rng: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let from = Int.random(in: bytes.indices, using: &rng)
    var reader = ByteReader(bytes, in: from..<bytes.count)
    guard let value = try? reader.value() else { return }
    var writer = ByteWriter()
    writer.value(value)
    #expect(writer.bytes == Array(bytes[from..<reader.offset]))
  }
}
