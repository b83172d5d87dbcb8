package import SeededRandom

/// Makes hostile bytes of good ones.
package struct Mutator: Sendable {
  /// What else may be put in: words of a text format.
  package let words: [[UInt8]]

  /// `words`: pieces that mean something to the reader.
  package init(words: [String] = []) { self.words = words.map { Array($0.utf8) } }

  /// One to four mutations of one entry of the pool, which is not empty.
  package func mutate(_ pool: [[UInt8]], using random: inout SplitMix64) -> [UInt8] {
    var bytes = pool[Int.random(in: pool.indices, using: &random)]
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      if bytes.isEmpty { bytes = [UInt8.random(in: 0...255, using: &random)] }
      change(&bytes, pool, &random)
    }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], _ pool: [[UInt8]], _ random: inout SplitMix64) {
    // What decides how the rest is read stands in front.
    let limit = Bool.random(using: &random) ? Swift.min(96, bytes.count) : bytes.count
    let at = Int.random(in: 0..<limit, using: &random)
    let end = Swift.min(bytes.count, at + Int.random(in: 1...40, using: &random))
    switch Int.random(in: 0..<(words.isEmpty ? 11 : 14), using: &random) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes[at] = UInt8.random(in: 0..<0x20, using: &random)
    case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
    case 4: bytes.remove(at: at)
    case 5: bytes.removeSubrange(at...)
    case 6: bytes.removeSubrange(at..<end)
    case 7:
      bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
    case 8: bytes.swapAt(at, Int.random(in: bytes.indices, using: &random))
    case 9: bytes.replaceSubrange(at..<at + 1, with: Self.extreme(&random))
    case 10:
      let other = pool[Int.random(in: pool.indices, using: &random)]
      if let from = other.indices.randomElement(using: &random) {
        bytes.replaceSubrange(at..., with: other[from...])
      }
    case 11: bytes.replaceSubrange(at..<end, with: words.randomElement(using: &random) ?? [])
    default: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: at)
    }
  }

  /// Lengths and counts at their ends: zero, one off a power of two, more than there is memory, too long a form.
  private static func extreme(_ random: inout SplitMix64) -> [UInt8] {
    let ends: [[UInt8]] = [
      [0], [1], [0x7F], [0x80, 0x01], [0xFF, 0x7F], [0xFF, 0xFF, 0x03], [0x80, 0x80, 0x04],
      [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
      [0x80, 0x80, 0x80, 0x80, 0x10],
      Array(repeating: 0xFF, count: 8) + [0x7F], Array(repeating: 0xFF, count: 9) + [0x01],
      Array(repeating: 0xFF, count: 9) + [0x02], [0x80, 0x00], Array(repeating: 0x80, count: 12),
      Array(repeating: 0x00, count: 8), Array(repeating: 0xFF, count: 8),
      [0x7F] + Array(repeating: 0xFF, count: 7), [0x80] + Array(repeating: 0x00, count: 7),
    ]
    return ends.randomElement(using: &random) ?? [0]
  }
}
