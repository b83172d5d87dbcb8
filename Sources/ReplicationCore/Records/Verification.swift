/// A person's word that one value is right (采核): the value's field and dot, when it was given, and by whom.
///
/// A later value of the field is another dot, for which nobody has vouched yet.
package struct Verification: Hashable, Sendable {
  package let field: FieldID
  package let dot: Dot
  /// Microseconds since 1970 UTC, corrected like a change's time.
  package let time: Int64
  /// The person the application acted for, or the database session's user.
  package let actor: String

  package init(_ field: FieldID, _ dot: Dot, time: Int64, actor: String) {
    self.field = field
    self.dot = dot
    self.time = time
    self.actor = actor
  }

  /// What it is about.
  package var value: FieldDot { FieldDot(field, dot) }
}

extension Record {
  /// Every verification that is held, of all who verified; the earliest of each value.
  package var verifications: [FieldDot: Verification] {
    var result: [FieldDot: Verification] = [:]
    for sibling in self[.verified].siblings {
      guard case .verified(let entries) = sibling.value else { continue }
      for entry in entries {
        if let known = result[entry.value], known.time <= entry.time { continue }
        result[entry.value] = entry
      }
    }
    return result
  }

  /// What a replica vouches for when it verifies `more`: that, and of what it had vouched for what still stands here, shown or released.
  package func verifications(of own: Replica, with more: [Verification]) -> [Verification] {
    var entries: [FieldDot: Verification] = [:]
    for sibling in self[.verified].siblings where sibling.dot.replica == own {
      guard case .verified(let known) = sibling.value else { continue }
      for entry in known where stands(entry.value) { entries[entry.value] = entry }
    }
    for entry in more { entries[entry.value] = entry }
    return entries.values.sorted { ($0.field, $0.dot) < ($1.field, $1.dot) }
  }

  private func stands(_ value: FieldDot) -> Bool {
    self[value.field].has(value.dot)
      || releasedRegister(of: value.field)?.has(value.dot) ?? false
  }
}
