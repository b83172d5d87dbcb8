/// What an entry carried: the fields of a change, or registers.
enum Content: Sendable {
  case change(Dot, FieldSet)
  case state([FieldDots])

  var fields: FieldSet {
    switch self {
    case .change(_, let fields): fields
    case .state(let payload): FieldSet(payload.lazy.map(\.field))
    }
  }

  /// The same in fewer fields.
  func restricted(to fields: FieldSet) -> Content {
    switch self {
    case .change(let dot, let mine): .change(dot, mine.intersection(fields))
    case .state(let payload): .state(payload.filter { fields.contains($0.field) })
    }
  }

  var fieldDots: [FieldDots] {
    switch self {
    case .change(let dot, let fields): fields.members.map { FieldDots($0, [dot]) }
    case .state(let payload): payload
    }
  }

  /// The fields in which a dot of this is neither held nor overwritten in the record.
  func fieldsNotCovered(by record: Record) -> FieldSet {
    var result = FieldSet()
    switch self {
    case .change(let dot, let fields):
      var rest = fields
      for entry in record.registers where rest.contains(entry.field) {
        if entry.register.covers(dot) { rest.remove(entry.field) }
      }
      result = rest
    case .state(let payload):
      for entry in payload {
        let register = record[entry.field]
        if entry.dots.contains(where: { !register.covers($0) }) { result.insert(entry.field) }
      }
    }
    return result
  }
}

/// An entry that brought values, seen from one peer.
struct News {
  let ref: RecordRef
  let content: Content
  let before: Routing
  let after: Routing
  let isFromPeer: Bool
  let position: UInt64
}
