import SeededRandom

/// Texts that no program could guess, each in one field of one resident; and where each resident ever was at home.
struct Canaries {
  struct Canary {
    let field: String
    let key: String
  }

  /// What each begins with: searched for first.
  private static let mark = Array("QzK7".utf8)
  private static let length = 20
  private static let letters = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")

  private(set) var all: [String: Canary] = [:]
  /// By key, in time.
  var homes: [String: [String]] = [:]

  /// A new text for a field of a resident.
  mutating func plant(_ field: String, of key: String, using random: inout SplitMix64) -> String {
    let text =
      String(decoding: Self.mark, as: UTF8.self)
      + String((Self.mark.count..<Self.length).map { _ in random.pick(Self.letters) })
    all[text] = Canary(field: field, key: key)
    return text
  }

  /// The planted texts that stand in bytes.
  func found(in bytes: [UInt8]) -> [Canary] { texts(in: bytes).compactMap { all[$0] } }

  private func texts(in bytes: [UInt8]) -> [String] {
    guard bytes.count >= Self.length else { return [] }
    return bytes.withUnsafeBufferPointer { bytes in
      var texts: [String] = []
      for at in 0...(bytes.count - Self.length) where bytes[at] == Self.mark[0] {
        guard bytes[at + 1] == Self.mark[1], bytes[at + 2] == Self.mark[2],
          bytes[at + 3] == Self.mark[3]
        else { continue }
        texts.append(String(decoding: bytes[at..<(at + Self.length)], as: UTF8.self))
      }
      return texts
    }
  }
}
