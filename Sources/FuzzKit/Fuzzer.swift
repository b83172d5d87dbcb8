internal import FoundationEssentials
internal import Glibc

/// Feeds a decoder its corpus, then mutations of it, for as long as `HUIJIA_FUZZ_SECONDS` says (2).
///
/// `HUIJIA_FUZZ_SEED` replays a run. The input at hand stands in a file whose name is printed, which outlives a crash:
/// it is to be put into the corpus, named after its misfortune, and the decoder mended.
package struct Fuzzer {
  /// What a decoder made of an input.
  package enum Verdict: Sendable, Hashable {
    /// Taken for what it says it is: mutated further.
    case accepted
    /// Refused in order.
    case refused
  }

  /// What a run did.
  package struct Outcome: Sendable, Hashable {
    package var inputs = 0
    package var accepted = 0
  }

  package let seed: UInt64
  package let seconds: Double
  private let name: String
  private let corpus: [[UInt8]]
  private let mutator: Mutator
  /// Accepted inputs that are mutated further, beside the corpus.
  private static let pool = 256

  /// `samples`: valid encodings made by the test, which are in the corpus as well once that was written.
  package init(
    _ name: String, beside file: String = #filePath, samples: [(String, [UInt8])],
    words: [String] = []
  ) throws {
    let environment = ProcessInfo.processInfo.environment
    self.name = name
    seconds = environment["HUIJIA_FUZZ_SECONDS"].flatMap { Double($0) } ?? 2
    seed = environment["HUIJIA_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)
    let kept = try Corpus(name, beside: file, samples: samples)
    corpus = kept.entries.map(\.bytes) + samples.map(\.1)
    mutator = Mutator(words: words)
  }

  /// Runs `body` on every kept input, then on mutations. `share`: of the seconds, where several run in one test.
  @discardableResult
  package func run(
    share: Double = 1, _ body: ([UInt8], inout FuzzRandom) throws -> Verdict
  ) throws -> Outcome {
    var random = FuzzRandom(seed: seed)
    var outcome = Outcome()
    var pool = corpus
    let trace = try InputTrace(name)
    defer { trace.remove() }
    print(
      "\(name) fuzzed for \(seconds * share) s, HUIJIA_FUZZ_SEED=\(seed), input in \(trace.path)")
    func feed(_ bytes: [UInt8]) throws {
      trace.note(bytes)
      outcome.inputs += 1
      guard try body(bytes, &random) == .accepted else { return }
      outcome.accepted += 1
      guard outcome.inputs > corpus.count, bytes.count <= 65_536 else { return }
      if pool.count < corpus.count + Self.pool {
        pool.append(bytes)
      } else {
        pool[Int.random(in: corpus.count..<pool.count, using: &random)] = bytes
      }
    }
    for bytes in corpus { try feed(bytes) }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds * share)
    while clock.now < end { try feed(mutator.mutate(pool, using: &random)) }
    print("\(name): \(outcome.inputs) inputs, \(outcome.accepted) accepted")
    return outcome
  }
}

/// The input at hand, in a mapped file: written without a call to the system, and there after a trap.
private struct InputTrace {
  let path: String
  private let memory: UnsafeMutableRawPointer
  private static let size = 1 << 20

  init(_ name: String) throws {
    path = "/tmp/huijia-fuzz-\(name)-\(getpid())"
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0, ftruncate(file, Self.size) == 0,
      let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      memory != MAP_FAILED
    else { throw CannotTrace(path: path) }
    close(file)
    self.memory = memory
  }

  /// Eight bytes of length, most significant last, then the input as far as it fits.
  func note(_ bytes: [UInt8]) {
    memory.storeBytes(of: UInt64(bytes.count).littleEndian, as: UInt64.self)
    bytes.withUnsafeBytes {
      memory.advanced(by: 8).copyMemory(
        from: $0.baseAddress ?? UnsafeRawPointer(memory),
        byteCount: min($0.count, Self.size - 8))
    }
  }

  func remove() {
    munmap(memory, Self.size)
    unlink(path)
  }
}

private struct CannotTrace: Error { let path: String }
