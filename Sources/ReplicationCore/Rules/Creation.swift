/// A record of which nothing was known, as one change made it: what the rules make of such a change, without building the record.
///
/// Most of what is ever sealed or received are new records; `record` is what `RecordRules.receive` would have left.
package struct Creation: Sendable {
  package let change: Change
  /// From where the change came.
  package let side: Side
  /// The feed position of its entry.
  package let position: UInt64

  /// Nil unless the change is the plain making of a record: alive, put back by nobody, verified by nobody, masked for nobody.
  package init?(_ change: Change, from side: Side, at position: UInt64) {
    guard case .write = change.cause, let first = change.writes.first, first.field == .alive,
      first.value == .bool(true),
      !change.writes.contains(where: { $0.field == .verified || $0.value.isMasked })
    else { return nil }
    self.change = change
    self.side = side
    self.position = position
  }

  package var ref: RecordRef { change.ref }

  /// The record that it makes.
  package var record: Record {
    var record = Record()
    record.registers = change.writes.map {
      FieldRegister($0.field, Register([Sibling($0, of: change, side: side)]))
    }
    record.moved = position
    return record
  }

  /// Its entry in the feed. `routing`: the ledger's home columns.
  package func entry(routing: [FieldID]) -> Entry {
    let homes = [Home](
      columns: routing.map { field in
        change.writes.first { $0.field == field }?.value.divisionCode
      })
    return .change(
      change.ref, dot: change.dot, took: change.fields, before: .neverKnown, after: .homes(homes),
      from: side)
  }
}
