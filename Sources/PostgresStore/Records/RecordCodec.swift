package import ReplicationCore
internal import SignedFeed

/// The bytes of the version column and of `huijia.record`. Local to a node: never sent.
package enum RecordCodec {
  private static let stampFormat: UInt8 = 2
  private static let bodyFormat: UInt8 = 3
  /// What formats have been, or may come to be, of any program.
  private static let formats: ClosedRange<UInt8> = 1...15
  /// The version column of a row whose record has a body.
  static let seeBody: [UInt8] = [1]

  /// The version column of a record that its row can show in full, and the record as it comes back with these values; nil when it needs a body.
  package static func stamp(of record: Record) -> [UInt8]? { RecordStamp(record).map(encode) }

  /// The record that a version column and the row's values make; throws `StoreError.damaged`.
  package static func record(
    stamp bytes: [UInt8], _ ref: RecordRef, _ value: (FieldID) -> Value?
  ) throws -> Record {
    try stamp(bytes, ref).record(value)
  }

  static func encode(_ stamp: RecordStamp) -> [UInt8] {
    var out = ByteWriter(capacity: 64)
    out.byte(stampFormat)
    out.varint(stamp.moved)
    out.varint(UInt64(stamp.groups.count))
    for (group, fields) in stamp.groups {
      out.dot(group.dot)
      out.zigzag(group.time)
      out.byte(group.rank)
      out.side(group.side, isRevival: group.isRevival)
      out.vector(group.base)
      out.fields(fields)
    }
    out.ownWrites(stamp.ownWrites)
    return out.bytes
  }

  /// Reads a version column that `encode` made; throws `StoreError.damaged` with the record.
  static func stamp(_ bytes: [UInt8], _ ref: RecordRef) throws -> RecordStamp {
    try checkFormat(bytes, stampFormat, ref)
    var input = ByteReader(bytes)
    do throws(FeedError) {
      guard try input.byte() == stampFormat else {
        throw FeedError(.unsupported, "not a version column's format", offset: 0)
      }
      let moved = try input.varint()
      var groups: [(group: RecordStamp.Group, fields: FieldSet)] = []
      for _ in 0..<(try input.count(max: 65_536)) {
        let dot = try input.dot()
        let time = try input.zigzag()
        let rank = try input.byte()
        let (side, isRevival) = try input.sideOfSibling()
        let base = try input.vector()
        let group = RecordStamp.Group(
          dot: dot, time: time, rank: rank, side: side, base: base, isRevival: isRevival)
        groups.append((group, try input.fields()))
      }
      let ownWrites = try input.ownWrites()
      try input.finish()
      return RecordStamp(moved: moved, groups: groups, ownWrites: ownWrites)
    } catch {
      throw StoreError.damaged(table: "the version column of \(ref)", detail: error.description)
    }
  }

  /// Throws `StoreError.unsuitable` for what another program's version wrote: it is not damaged, and must not be taken for it.
  private static func checkFormat(_ bytes: [UInt8], _ format: UInt8, _ ref: RecordRef) throws {
    guard let first = bytes.first, first != format, formats.contains(first), bytes != seeBody
    else { return }
    throw StoreError.unsuitable(
      "\(ref) is stored in format \(first), this huijiad knows \(format): it was written by another "
        + "version of huijiad; install that one again")
  }

  /// Per field what the bytes of a version token say was seen. Bytes that say nothing have seen nothing: then every value is kept.
  static func contexts(_ bytes: [UInt8]) -> [FieldID: VersionVector] {
    let nowhere = RecordRef(LedgerID(0), "")
    return (try? stamp(bytes, nowhere))?.contexts ?? [:]
  }

  /// Per field the dots that a version column names; none where its bytes are no version.
  static func siblings(_ bytes: [UInt8]) -> [FieldID: [Dot]] {
    var result: [FieldID: [Dot]] = [:]
    for (group, fields) in (try? stamp(bytes, RecordRef(LedgerID(0), "")))?.groups ?? [] {
      for field in fields.members { result[field, default: []].append(group.dot) }
    }
    return result
  }

  static func encode(_ value: Value) -> [UInt8] {
    var out = ByteWriter(capacity: 32)
    out.value(value)
    return out.bytes
  }

  /// Reads a value that `encode` made; throws `StoreError.damaged` with the record.
  static func value(_ bytes: [UInt8], _ ref: RecordRef) throws -> Value {
    var input = ByteReader(bytes)
    do throws(FeedError) {
      return try input.heldValue()
    } catch {
      throw StoreError.damaged(
        table: "huijia.conflict_value, \(ref)", detail: error.description)
    }
  }

  /// The body of a record.
  package static func encode(_ record: Record) -> [UInt8] {
    var out = ByteWriter(capacity: 512)
    out.byte(bodyFormat)
    out.flag(record.departed != nil)
    if let departed = record.departed { out.node(departed) }
    out.varint(record.moved)
    out.registers(record.registers)
    out.registers(record.released)
    out.ownWrites(record.ownWrites)
    return out.bytes
  }

  /// Reads a body that `encode` made; throws `StoreError.damaged` with the record.
  package static func body(_ bytes: [UInt8], _ ref: RecordRef) throws -> Record {
    try checkFormat(bytes, bodyFormat, ref)
    var input = ByteReader(bytes)
    do throws(FeedError) {
      guard try input.byte() == bodyFormat else {
        throw FeedError(.unsupported, "not a record body's format", offset: 0)
      }
      var record = Record()
      if try input.flag() { record.departed = try input.node() }
      record.moved = try input.varint()
      record.registers = try input.registers()
      record.released = try input.registers()
      record.ownWrites = try input.ownWrites()
      try input.finish()
      return record
    } catch {
      throw StoreError.damaged(table: "huijia.record, \(ref)", detail: error.description)
    }
  }
}

extension ByteWriter {
  /// A side; that of a sibling also says, in the tag's highest bit, whether it is a revival.
  mutating func side(_ side: Side, isRevival: Bool = false) {
    let mark: UInt8 = isRevival ? 0x80 : 0
    switch side {
    case .own: byte(mark)
    case .link(let node):
      byte(1 | mark)
      self.node(node)
    case .payload(let position):
      byte(2 | mark)
      varint(position)
    }
  }

  mutating func ownWrites(_ writes: [OwnWrite]) {
    varint(UInt64(writes.count))
    for write in writes {
      byte(write.field.number)
      dot(write.dot)
      vector(write.base)
    }
  }

  mutating func registers(_ registers: [FieldRegister]) {
    varint(UInt64(registers.count))
    for entry in registers {
      byte(entry.field.number)
      varint(UInt64(entry.register.siblings.count))
      for sibling in entry.register.siblings {
        dot(sibling.dot)
        value(sibling.value)
        byte(sibling.rank)
        zigzag(sibling.time)
        vector(sibling.base)
        side(sibling.side, isRevival: sibling.isRevival)
      }
    }
  }
}

extension ByteReader {
  mutating func side() throws(FeedError) -> Side { try side(try byte(), at: offset) }

  /// A sibling's side, and whether the sibling is a revival.
  mutating func sideOfSibling() throws(FeedError) -> (Side, isRevival: Bool) {
    let tag = try byte()
    return (try side(tag & 0x7F, at: offset), tag & 0x80 != 0)
  }

  private mutating func side(_ tag: UInt8, at end: Int) throws(FeedError) -> Side {
    switch tag {
    case 0: return .own
    case 1: return .link(try node())
    case 2: return .payload(try varint())
    default: throw FeedError(.malformed, "no side has this number", offset: end - 1)
    }
  }

  mutating func ownWrites() throws(FeedError) -> [OwnWrite] {
    var writes: [OwnWrite] = []
    for _ in 0..<(try count(max: 63)) {
      let field = try field()
      let dot = try dot()
      writes.append(OwnWrite(field: field, dot: dot, base: try vector()))
    }
    return writes
  }

  mutating func registers() throws(FeedError) -> [FieldRegister] {
    var registers: [FieldRegister] = []
    for _ in 0..<(try count(max: 63)) {
      let field = try field()
      var siblings: [Sibling] = []
      for _ in 0..<(try count(max: 65_536)) {
        let dot = try dot()
        let value = try heldValue()
        let rank = try byte()
        let time = try zigzag()
        let base = try vector()
        let (side, isRevival) = try sideOfSibling()
        siblings.append(
          Sibling(
            dot: dot, value: value, rank: rank, time: time, base: base, side: side,
            isRevival: isRevival))
      }
      registers.append(FieldRegister(field, Register(siblings)))
    }
    return registers
  }
}
