/// Gives out numbers that were fixed before: the seeds of a test vector.
struct ReplayedNumbers: RandomNumberGenerator {
  private var rest: ArraySlice<UInt64>

  init(_ numbers: [UInt64]) { rest = numbers[...] }

  mutating func next() -> UInt64 { rest.popFirst() ?? 0 }
}
