internal import COpenSSL

/// A SHA-256 digest as four words: what is passed about while a batch is hashed, without allocating.
struct Hash: Equatable {
  /// The bytes as they lie in memory.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// SHA-256 of some bytes.
  ///
  /// By libcrypto's plain functions: nothing is allocated, and most of what is hashed is one or two blocks.
  init(of bytes: [UInt8]) {
    var state = SHA256state_st()
    SHA256_Init(&state)
    bytes.withUnsafeBytes { _ = SHA256_Update(&state, $0.baseAddress, $0.count) }
    withUnsafeMutableBytes(of: &words) { place in
      _ = SHA256_Final(place.bindMemory(to: UInt8.self).baseAddress, &state)
    }
  }

  /// The 32 bytes that lie at an offset; they must be there.
  init(_ bytes: [UInt8], at offset: Int) {
    precondition(offset >= 0 && offset + 32 <= bytes.count)
    bytes.withUnsafeBytes { source in
      withUnsafeMutableBytes(of: &words) {
        $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + 32]))
      }
    }
  }

  /// Appends the first `count` bytes.
  func append(to buffer: inout [UInt8], count: Int = 32) {
    withUnsafeBytes(of: words) {
      buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<count]))
    }
  }

  static func == (a: Self, b: Self) -> Bool { a.words == b.words }
}

extension Digest {
  /// SHA-256 of some bytes.
  package init(hashing bytes: [UInt8]) { self.init(Hash(of: bytes)) }

  init(_ hash: Hash) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    hash.append(to: &bytes)
    guard let digest = Digest(bytes) else { preconditionFailure("SHA-256 gives 32 bytes") }
    self = digest
  }
}

extension Hash {
  /// The digest as four numbers, each most significant byte first.
  var numbers: (UInt64, UInt64, UInt64, UInt64) {
    (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
  }
}
