/// A dot and the fields whose value it is.
package struct DotFields: Hashable, Sendable {
  package let dot: Dot
  package var fields: FieldSet

  package init(_ dot: Dot, _ fields: FieldSet) {
    self.dot = dot
    self.fields = fields
  }
}

/// A record by its dots alone: enough to compare two ends of a link, for a value is a function of its dot.
package struct RecordOutline: Hashable, Sendable {
  /// Fields of one dot that came from one side.
  package struct Held: Hashable, Sendable {
    package let dot: Dot
    package let fields: FieldSet
    package let side: Side

    package init(_ dot: Dot, _ fields: FieldSet, side: Side) {
      self.dot = dot
      self.fields = fields
      self.side = side
    }
  }

  /// The shown homes; empty when none is held.
  package var homes: [Home]
  /// In any order; a dot may come several times, with different fields.
  package var held: [Held]
  /// The siblings of the released registers, in any order.
  package var released: [DotFields]

  package init(homes: [Home] = [], held: [Held] = [], released: [DotFields] = []) {
    self.homes = homes
    self.held = held
    self.released = released
  }

  /// The outline of a record that is read whole; `routing` are its ledger's home columns.
  package init(_ record: Record, routing: [FieldID]) {
    homes = record.routing(by: routing).homes
    held = record.registers.flatMap { entry in
      entry.register.siblings.map { Held($0.dot, [entry.field], side: $0.side) }
    }
    released = record.released.flatMap { entry in
      entry.register.siblings.map { DotFields($0.dot, [entry.field]) }
    }
  }

  /// The dots of a field's siblings.
  func dots(of field: FieldID) -> Set<Dot> {
    Set(held.lazy.filter { $0.fields.contains(field) }.map(\.dot))
  }

  /// The dots of a field's released siblings.
  func releasedDots(of field: FieldID) -> Set<Dot> {
    Set(released.lazy.filter { $0.fields.contains(field) }.map(\.dot))
  }
}
