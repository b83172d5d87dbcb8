internal import CPostgres

/// A result set in binary format. Confined to the thread of its connection.
package final class Rows {
  private let result: OpaquePointer
  /// How many rows there are.
  package let count: Int
  /// How many rows a command without a result set touched.
  package let affected: Int

  init(_ result: OpaquePointer) {
    self.result = result
    count = Int(PQntuples(result))
    affected = Int(String(cString: PQcmdTuples(result))) ?? 0
  }

  deinit { PQclear(result) }

  /// Whether a cell is NULL.
  package func isNull(_ row: Int, _ column: Int) -> Bool {
    PQgetisnull(result, Int32(row), Int32(column)) == 1
  }

  /// Calls `body` with a cell's bytes; nil for NULL. The bytes must not escape.
  package func withBytes<T>(
    _ row: Int, _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> T
  ) rethrows -> T? {
    guard !isNull(row, column) else { return nil }
    let length = Int(PQgetlength(result, Int32(row), Int32(column)))
    guard let start = PQgetvalue(result, Int32(row), Int32(column)) else { return nil }
    return try start.withMemoryRebound(to: UInt8.self, capacity: length) {
      try body(UnsafeBufferPointer(start: $0, count: length))
    }
  }

  /// A bytea cell; nil for NULL.
  package func bytes(_ row: Int, _ column: Int) -> [UInt8]? {
    withBytes(row, column) { Array($0) }
  }

  /// A text cell; nil for NULL.
  package func text(_ row: Int, _ column: Int) -> String? {
    withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
  }

  /// A cell of a 1, 2, 4 or 8 byte integer type (or bool, date, timestamp); nil for NULL.
  package func int(_ row: Int, _ column: Int) -> Int64? {
    withBytes(row, column) { bytes in
      var bits: UInt64 = 0
      for byte in bytes { bits = bits << 8 | UInt64(byte) }
      switch bytes.count {
      case 1: return Int64(bits)
      case 2: return Int64(Int16(truncatingIfNeeded: bits))
      case 4: return Int64(Int32(truncatingIfNeeded: bits))
      default: return Int64(bitPattern: bits)
      }
    }
  }
}
