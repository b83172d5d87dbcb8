extension String {
  /// Calls `body` with the UTF-8 bytes, without a copy where they lie together.
  @inline(__always)
  func withBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T {
    if let result = utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
      return result
    }
    var copy = self
    return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
  }

  /// Whether a byte is zero, eight bytes at a time; every text that passes is asked.
  ///
  /// Source of the trick: Alan Mycroft, "hasless"; a byte that is zero, and no other before it, borrows into its high bit.
  var hasZeroByte: Bool {
    withBytes { bytes in
      var at = 0
      while at + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { return true }
        at += 8
      }
      return bytes[at...].contains(0)
    }
  }

  /// The order of the UTF-8 bytes: below, above or 0, eight bytes at a time; keys are compared for every change that passes.
  func compareBytes(_ other: String) -> Int {
    withBytes { a in
      other.withBytes { b in
        let shared = min(a.count, b.count)
        var at = 0
        while at + 8 <= shared {
          let x = a.loadUnaligned(fromByteOffset: at, as: UInt64.self)
          let y = b.loadUnaligned(fromByteOffset: at, as: UInt64.self)
          if x != y { return x.bigEndian < y.bigEndian ? -1 : 1 }
          at += 8
        }
        while at < shared {
          if a[at] != b[at] { return a[at] < b[at] ? -1 : 1 }
          at += 1
        }
        return a.count - b.count
      }
    }
  }
}
