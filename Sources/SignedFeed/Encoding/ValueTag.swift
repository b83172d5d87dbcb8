/// The first byte of an encoded value.
enum ValueTag: UInt8 {
  case null = 0x00
  /// Reserved: there is no value, and never was one. In no leaf.
  case absent = 0x01
  /// A digest stands in the place of the leaf. In no leaf.
  case hidden = 0x02
  /// A mask and what it leaves of a value: a masking node's word, never an author's.
  case masked = 0x03
  case `false` = 0x10
  case `true` = 0x11
  case integer = 0x12
  case decimal = 0x13
  case text = 0x14
  case date = 0x15
  case timestamp = 0x16
  case uuid = 0x17
  case bytes = 0x18
  case json = 0x19
  case deleted = 0x1A
  case verified = 0x1B
}
