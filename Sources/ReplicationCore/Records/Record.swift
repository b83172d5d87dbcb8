/// The author's own last write to a field whose value is no longer held: its dot and base, which its next write builds on.
package struct OwnWrite: Hashable, Sendable {
  package let field: FieldID
  package let dot: Dot
  package let base: VersionVector
  package init(field: FieldID, dot: Dot, base: VersionVector) {
    self.field = field
    self.dot = dot
    self.base = base
  }
}

/// All that a node holds of a record beside its key.
package struct Record: Hashable, Sendable {
  /// Ascending by field; only fields that are held.
  package var registers: [FieldRegister]
  /// The parent that withdrew the whole record, until it is held again.
  package var departed: NodeID?
  /// The feed position (of the ledger's lane) of the last change of routing; 0 when there was none.
  package var moved: UInt64
  /// Behind a gate: per data field the last register whose every sibling is verified. Ascending by field.
  package var released: [FieldRegister]
  /// Own last writes to fields whose own sibling is gone (superseded or withdrawn). Ascending by field.
  package var ownWrites: [OwnWrite]

  /// A record of which nothing is held.
  package init() {
    registers = []
    departed = nil
    moved = 0
    released = []
    ownWrites = []
  }

  /// Whether any value is held.
  package var isHeld: Bool { !registers.isEmpty }

  /// The fields that are held.
  package var heldFields: FieldSet { FieldSet(registers.lazy.map(\.field)) }

  /// The register of a field; an empty one when the field is not held. Setting an empty one removes the field.
  package subscript(field: FieldID) -> Register {
    get {
      for entry in registers where entry.field == field { return entry.register }
      return Register()
    }
    set {
      let at = registers.firstIndex { $0.field >= field } ?? registers.endIndex
      let present = at < registers.endIndex && registers[at].field == field
      switch (present, newValue.isHeld) {
      case (true, true): registers[at].register = newValue
      case (true, false): registers.remove(at: at)
      case (false, true): registers.insert(FieldRegister(field, newValue), at: at)
      case (false, false): break
      }
    }
  }
}

/// Where a record belongs: what its views are judged by.
package enum Routing: Hashable, Sendable {
  /// The node had never heard of the record.
  case neverKnown
  /// The shown homes, in the ledger's order of home columns; empty when the record is known and no home is held.
  case homes([Home])

  /// Known, and no home is held.
  package static let notHeld = Routing.homes([])

  /// The homes; empty unless one is held.
  package var homes: [Home] { if case .homes(let homes) = self { homes } else { [] } }
  /// Their codes.
  package var codes: [DivisionCode] { homes.map(\.code) }
}
