package import ReplicationCore

extension ByteWriter {
  /// A value: its tag, then its content. Equal values have equal bytes.
  package mutating func value(_ value: Value) {
    switch value {
    case .null: tag(.null)
    case .bool(let value): tag(value ? .true : .false)
    case .integer(let value):
      tag(.integer)
      zigzag(value)
    case .decimal(let value):
      tag(.decimal)
      text(value)
    case .text(let value):
      tag(.text)
      text(value)
    case .date(let value):
      tag(.date)
      zigzag(Int64(value))
    case .timestamp(let value):
      tag(.timestamp)
      zigzag(value)
    case .uuid(let high, let low):
      tag(.uuid)
      fixed(high, count: 8)
      fixed(low, count: 8)
    case .bytes(let value):
      tag(.bytes)
      lengthPrefixed(value)
    case .json(let value):
      tag(.json)
      text(value)
    case .masked(let masked):
      tag(.masked)
      mask(masked.mask)
      self.value(masked.shown)
    case .deleted(let contexts):
      tag(.deleted)
      varint(UInt64(contexts.count))
      for context in contexts {
        byte(context.field.number)
        vector(context.context)
      }
    case .verified(let entries):
      tag(.verified)
      varint(UInt64(entries.count))
      for entry in entries {
        byte(entry.field.number)
        dot(entry.dot)
        zigzag(entry.time)
        text(entry.actor)
      }
    }
  }

  private mutating func tag(_ tag: ValueTag) { byte(tag.rawValue) }
}
