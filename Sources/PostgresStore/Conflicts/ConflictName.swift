internal import ReplicationCore
internal import SignedFeed

/// The names that people type for a conflict.
enum ConflictName {
  /// The conflict of a record's field, the same at every node: ten letters and digits.
  static func id(_ ref: RecordRef, _ field: FieldID) -> String {
    short("\(ref.ledger.number)/\(field.number)/\(ref.key)", letters: 10)
  }

  /// What a conflict's values were when somebody looked: it changes with every value that comes or goes.
  static func version(_ dots: [Dot]) -> String {
    short(dots.sorted().map(\.description).joined(separator: " "), letters: 8)
  }

  /// The beginning of a digest, five bits a letter; without the letters that look like digits.
  private static func short(_ text: String, letters: Int) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    var bits: UInt64 = 0
    for byte in Digest(hashing: Array(text.utf8)).bytes.prefix(8) {
      bits = bits << 8 | UInt64(byte)
    }
    var name: [UInt8] = []
    for _ in 0..<letters {
      name.append(alphabet[Int(bits >> 59)])
      bits <<= 5
    }
    return String(decoding: name, as: UTF8.self)
  }
}
