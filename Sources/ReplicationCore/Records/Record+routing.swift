extension Record {
  /// Where the record belongs: the codes of the shown values of its routing fields; a value that is no division code counts as none.
  package func routing(by fields: [FieldID]) -> Routing {
    guard isHeld else { return .notHeld }
    var codes: [DivisionCode] = []
    for field in fields {
      guard let shown = self[field].shown(isRouting: true) else { continue }
      if let code = shown.value.divisionCode { codes.append(code) }
    }
    return .homes(codes)
  }

  /// Every division code that a value of its routing fields claims, the shown ones and those in conflict with them.
  package func claims(by fields: [FieldID]) -> [DivisionCode] {
    fields.flatMap { field in self[field].siblings.compactMap(\.value.divisionCode) }
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
