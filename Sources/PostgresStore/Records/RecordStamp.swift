internal import ReplicationCore
internal import SignedFeed

/// What the version column of a row says: for each held field the one sibling's dot, time, rank, base and side.
///
/// Fields written together share one group. The values are the row's own columns; `alive` is true.
struct RecordStamp {
  struct Group: Hashable {
    let dot: Dot
    let time: Int64
    let rank: UInt8
    let side: Side
    let base: VersionVector
    var isRevival = false
  }

  var moved: UInt64
  var groups: [(group: Group, fields: FieldSet)]
  var ownWrites: [OwnWrite]

  /// The stamp of a record that a row can show in full; nil when it needs a body: several siblings, deleted, departed, gated, verified or masked.
  init?(_ record: Record) {
    guard record.departed == nil, record.released.isEmpty,
      record[.alive].siblings.first?.value == .bool(true)
    else { return nil }
    moved = record.moved
    ownWrites = record.ownWrites
    groups = []
    for entry in record.registers {
      guard entry.field != .verified, entry.register.siblings.count == 1,
        let sibling = entry.register.siblings.first, !sibling.value.isMasked
      else { return nil }
      add(sibling, of: entry.field)
    }
  }

  /// The stamp of a record that one change made: its row shows it in full.
  init(_ creation: Creation) {
    moved = creation.position
    ownWrites = []
    groups = []
    let change = creation.change
    for write in change.writes {
      let rank = write.field == .alive ? 0 : write.rank
      if let at = groups.firstIndex(where: { $0.group.rank == rank && $0.group.base == write.base })
      {
        groups[at].fields.insert(write.field)
        continue
      }
      let group = Group(
        dot: change.dot, time: change.time, rank: rank, side: creation.side, base: write.base)
      groups.append((group, FieldSet([write.field])))
    }
  }

  /// What a record with a body has seen: every sibling, so that a field may be in several groups. No record can be made of it.
  init(ofEverySibling record: Record) {
    moved = record.moved
    ownWrites = []
    groups = []
    for entry in record.registers {
      for sibling in entry.register.siblings { add(sibling, of: entry.field) }
    }
  }

  private mutating func add(_ sibling: Sibling, of field: FieldID) {
    let group = Group(
      dot: sibling.dot, time: sibling.time, rank: sibling.rank, side: sibling.side,
      base: sibling.base, isRevival: sibling.isRevival)
    if let at = groups.firstIndex(where: { $0.group == group }) {
      groups[at].fields.insert(field)
    } else {
      groups.append((group, FieldSet([field])))
    }
  }

  init(moved: UInt64, groups: [(group: Group, fields: FieldSet)], ownWrites: [OwnWrite]) {
    self.moved = moved
    self.groups = groups
    self.ownWrites = ownWrites
  }

  /// The dots that the values come from.
  var dots: Set<Dot> { Set(groups.map(\.group.dot)) }

  /// Per field the context of its siblings.
  var contexts: [FieldID: VersionVector] {
    var result: [FieldID: VersionVector] = [:]
    for (group, fields) in groups {
      let context = group.base.joined(group.dot)
      for field in fields.members {
        result[field] = result[field].map { $0.joined(context) } ?? context
      }
    }
    return result
  }

  /// The dot that a field's value comes from; nil when the field is not held.
  func dot(of field: FieldID) -> Dot? {
    groups.first { $0.fields.contains(field) }?.group.dot
  }

  /// The record, its values given by `value` (nil counts as null; not asked for `alive`).
  func record(_ value: (FieldID) -> Value?) -> Record {
    var registers: [FieldRegister] = []
    for (group, fields) in groups {
      for field in fields.members {
        let sibling = Sibling(
          dot: group.dot, value: field == .alive ? .bool(true) : value(field) ?? .null,
          rank: group.rank, time: group.time, base: group.base, side: group.side,
          isRevival: group.isRevival)
        registers.append(FieldRegister(field, Register([sibling])))
      }
    }
    if groups.count > 1 { registers.sort { $0.field < $1.field } }
    var record = Record()
    record.registers = registers
    record.moved = moved
    record.ownWrites = ownWrites
    return record
  }
}
