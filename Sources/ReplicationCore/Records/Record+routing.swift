extension Record {
  /// Where the record belongs: the codes of the shown values of its routing fields; a value that is no division code counts as none.
  package func routing(by fields: [FieldID]) -> Routing {
    guard isHeld else { return .notHeld }
    var homes: [Home] = []
    for (column, field) in fields.enumerated() {
      guard let shown = self[field].shown(isRouting: true) else { continue }
      if let code = shown.value.divisionCode { homes.append(Home(code, column: UInt8(column))) }
    }
    return .homes(homes)
  }

  /// Every division code that a value of its routing fields claims, the shown ones and those in conflict with them.
  package func claims(by fields: [FieldID]) -> [Home] {
    fields.enumerated().flatMap { column, field in
      self[field].siblings.compactMap { sibling in
        sibling.value.divisionCode.map { Home($0, column: UInt8(column)) }
      }
    }
  }

  /// Whether the record is held and its shown existence is a deletion.
  package var isDeleted: Bool { self[.alive].shown()?.value.isDeletion ?? false }
}

extension Value {
  /// The division code that the value names; nil when it names none.
  package var divisionCode: DivisionCode? {
    switch self {
    case .text(let text): DivisionCode(text)
    case .integer(let number) where number >= 0: DivisionCode(number: UInt64(number))
    default: nil
    }
  }
}
