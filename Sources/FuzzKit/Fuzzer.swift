internal import FoundationEssentials
internal import Glibc
package import SeededRandom

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

  /// What a decoder must be seen to do with mutations. A run in which it does only the one has tested half of it.
  package enum Expectation: Sendable, Hashable {
    /// Some are taken, some refused.
    case both
    /// None is taken: mutated bytes bear a signature that does not hold.
    case refusals
  }

  /// What a run did.
  package struct Outcome: Sendable, Hashable {
    /// Kept inputs and samples, then mutations.
    package var inputs = 0
    package var accepted = 0
    package var mutations = 0
    package var acceptedMutations = 0

    func meets(_ expectation: Expectation) -> Bool {
      switch expectation {
      case .both: acceptedMutations > 0 && acceptedMutations < mutations
      case .refusals: acceptedMutations == 0 && mutations > 0
      }
    }
  }

  package let seed: UInt64
  package let seconds: Double
  fileprivate let name: String
  fileprivate let corpus: [[UInt8]]
  fileprivate let mutator: Mutator

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
  ///
  /// Throws what `body` throws, and when the mutations did not meet what is expected of them.
  @discardableResult
  package func run(
    share: Double = 1, expecting expectation: Expectation = .both,
    _ body: ([UInt8], inout SplitMix64) throws -> Verdict
  ) throws -> Outcome {
    var run = try FuzzRun(self, seconds: seconds * share, expecting: expectation)
    while let bytes = run.next() { run.note(try body(bytes, &run.random), of: bytes) }
    return try run.finish()
  }

  /// As `run`, for a reader that has to be waited for.
  @discardableResult
  package func drive(
    share: Double = 1, expecting expectation: Expectation = .both,
    _ body: ([UInt8], inout SplitMix64) async throws -> Verdict
  ) async throws -> Outcome {
    var run = try FuzzRun(self, seconds: seconds * share, expecting: expectation)
    while let bytes = run.next() { run.note(try await body(bytes, &run.random), of: bytes) }
    return try run.finish()
  }
}

/// One run through a corpus and its mutations.
private struct FuzzRun: ~Copyable {
  var random: SplitMix64
  private let name: String
  private let mutator: Mutator
  private let expectation: Fuzzer.Expectation
  private let trace: InputTrace
  private let clock = ContinuousClock()
  private let end: ContinuousClock.Instant
  private let kept: Int
  private var pool: [[UInt8]]
  private var outcome = Fuzzer.Outcome()
  /// Accepted mutations that are mutated further, beside the corpus.
  private static let mutants = 256
  /// How much longer than asked a run may take until it has met what is expected of it.
  private static let patience: Duration = .seconds(20)

  init(_ fuzzer: Fuzzer, seconds: Double, expecting expectation: Fuzzer.Expectation) throws {
    name = fuzzer.name
    mutator = fuzzer.mutator
    self.expectation = expectation
    random = SplitMix64(seed: fuzzer.seed)
    pool = fuzzer.corpus
    kept = pool.count
    trace = try InputTrace(name)
    end = clock.now + .seconds(seconds)
    print(
      "\(name) fuzzed for \(seconds) s, HUIJIA_FUZZ_SEED=\(fuzzer.seed), input in \(trace.path)")
  }

  /// What is to be read next; nil when the time is over.
  mutating func next() -> [UInt8]? {
    let bytes: [UInt8]
    if outcome.inputs < kept {
      bytes = pool[outcome.inputs]
    } else {
      let isPatient = !outcome.meets(expectation) && clock.now < end + Self.patience
      guard clock.now < end || isPatient else { return nil }
      bytes = mutator.mutate(pool, using: &random)
      outcome.mutations += 1
    }
    outcome.inputs += 1
    trace.note(bytes)
    return bytes
  }

  /// What the reader made of it.
  mutating func note(_ verdict: Fuzzer.Verdict, of bytes: [UInt8]) {
    guard verdict == .accepted else { return }
    outcome.accepted += 1
    guard outcome.inputs > kept else { return }
    outcome.acceptedMutations += 1
    guard bytes.count <= 65_536 else { return }
    if pool.count < kept + Self.mutants {
      pool.append(bytes)
    } else {
      pool[Int.random(in: kept..<pool.count, using: &random)] = bytes
    }
  }

  /// What became of it all; throws when only half of the reader was met.
  consuming func finish() throws -> Fuzzer.Outcome {
    print("\(name): \(outcome.inputs) inputs, \(outcome.accepted) accepted")
    guard outcome.meets(expectation) else {
      throw OneSided(name: name, expected: expectation, outcome: outcome)
    }
    return outcome
  }

  deinit { trace.remove() }
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

/// The seeds or the mutator are no good for this decoder: of its two ways, one was never gone.
private struct OneSided: Error {
  let name: String
  let expected: Fuzzer.Expectation
  let outcome: Fuzzer.Outcome
}
