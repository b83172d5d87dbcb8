import ReplicationCore

extension LedgerParser {
  /// Works out which fields' values can be read out of which others': what `contains:` says, and for an identity number that
  /// says nothing, the date of birth and the sex that it is made of (GB 11643).
  static func contents(of fields: inout [PlacedField], log: inout ProblemLog) {
    let all = fields.map(\.field)
    for at in fields.indices {
      guard let tree = fields[at].contained else {
        if case .identityNumber = all[at].type {
          fields[at].field.contains = FieldSet(all.filter(isInIdentityNumber).map(\.id))
        }
        continue
      }
      for item in tree.items {
        guard let name = item.text("a field", log: &log) else { continue }
        if let other = all.first(where: { $0.name == name }), other.name != all[at].name {
          fields[at].field.contains.insert(other.id)
        } else {
          log.noteUnknown(
            "field", name, at: item.place,
            known: all.map(\.name).filter { $0 != all[at].name })
        }
      }
    }
    // Each round reaches one field further; a ring ends where nothing new is reached.
    for _ in all.indices {
      for at in fields.indices {
        for other in fields where fields[at].field.contains.contains(other.field.id) {
          fields[at].field.contains.formUnion(other.field.contains)
        }
        fields[at].field.contains.remove(fields[at].field.id)
      }
    }
  }

  private static func isInIdentityNumber(_ field: LedgerField) -> Bool {
    switch field.type {
    case .date: field.name == "birth_date"
    case .code(let list): list.name == "sex"
    default: false
    }
  }
}
