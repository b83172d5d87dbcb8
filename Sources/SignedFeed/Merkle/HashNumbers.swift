/// A SHA-256 digest as four numbers, to be added up without allocating.
package struct HashNumbers: Hashable, Sendable {
  package var a: UInt64
  package var b: UInt64
  package var c: UInt64
  package var d: UInt64

  /// Four zeros: the sum of nothing.
  package init() { (a, b, c, d) = (0, 0, 0, 0) }

  /// SHA-256 of some bytes; each number most significant byte first.
  package init(hashing bytes: [UInt8]) {
    (a, b, c, d) = Hash(of: bytes).numbers
  }

  /// Adds each number to its counterpart, modulo 2^64.
  package mutating func add(_ other: HashNumbers) {
    a &+= other.a
    b &+= other.b
    c &+= other.c
    d &+= other.d
  }
}
