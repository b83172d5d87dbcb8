/// A statement's parameter, in PostgreSQL's binary format.
package enum Parameter {
  case null
  case nullInt
  case nullBytes
  case int(Int64)
  case text(String)
  case bytes([UInt8])
  case texts([String])
  case ints([Int64])
  case byteStrings([[UInt8]])
  /// Places of rows, as `Rows.int` reads a `ctid`: block and offset in 48 bits.
  case tids([Int64])
  /// Transaction numbers of 32 bits.
  case xids([Int64])

  /// The type's object id, as `pg_type` has it in every installation.
  var typeID: UInt32 {
    switch self {
    case .null, .text: 25
    case .int, .nullInt: 20
    case .bytes, .nullBytes: 17
    case .texts: 1009
    case .ints: 1016
    case .byteStrings: 1001
    case .tids: 1010
    case .xids: 1011
    }
  }

  /// The binary form; nil for null.
  var encoded: [UInt8]? {
    switch self {
    case .null, .nullInt, .nullBytes: return nil
    case .int(let value): return bigEndian(value)
    case .text(let value): return Array(value.utf8)
    case .bytes(let value): return value
    case .texts(let values):
      return array(values.count, element: 25) { index, out in
        let utf8 = values[index].utf8
        appendInt32(Int32(utf8.count), to: &out)
        out.append(contentsOf: utf8)
      }
    case .ints(let values):
      return array(values.count, element: 20) { index, out in
        appendInt32(8, to: &out)
        appendInt64(values[index], to: &out)
      }
    case .tids(let values):
      return array(values.count, element: 27) { index, out in
        appendInt32(6, to: &out)
        let bits = UInt64(bitPattern: values[index])
        out.append(UInt8(truncatingIfNeeded: bits >> 40))
        out.append(UInt8(truncatingIfNeeded: bits >> 32))
        appendInt32(Int32(truncatingIfNeeded: values[index]), to: &out)
      }
    case .xids(let values):
      return array(values.count, element: 28) { index, out in
        appendInt32(4, to: &out)
        appendInt32(Int32(truncatingIfNeeded: values[index]), to: &out)
      }
    case .byteStrings(let values):
      return array(values.count, element: 17) { index, out in
        appendInt32(Int32(values[index].count), to: &out)
        out.append(contentsOf: values[index])
      }
    }
  }

  private func array(
    _ count: Int, element: Int32, _ body: (Int, inout [UInt8]) -> Void
  ) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(20 + count * 16)
    appendInt32(count == 0 ? 0 : 1, to: &out)
    appendInt32(0, to: &out)
    appendInt32(element, to: &out)
    if count > 0 {
      appendInt32(Int32(count), to: &out)
      appendInt32(1, to: &out)
    }
    for index in 0..<count { body(index, &out) }
    return out
  }
}

/// Appends a 32-bit integer in network order.
func appendInt32(_ value: Int32, to out: inout [UInt8]) {
  let bits = UInt32(bitPattern: value)
  out.append(UInt8(truncatingIfNeeded: bits >> 24))
  out.append(UInt8(truncatingIfNeeded: bits >> 16))
  out.append(UInt8(truncatingIfNeeded: bits >> 8))
  out.append(UInt8(truncatingIfNeeded: bits))
}

/// Appends a 64-bit integer in network order.
func appendInt64(_ value: Int64, to out: inout [UInt8]) {
  let bits = UInt64(bitPattern: value)
  var shift: UInt64 = 56
  while true {
    out.append(UInt8(truncatingIfNeeded: bits >> shift))
    if shift == 0 { break }
    shift -= 8
  }
}

private func bigEndian(_ value: Int64) -> [UInt8] {
  var out: [UInt8] = []
  appendInt64(value, to: &out)
  return out
}
