/// What a write does to a record, as a policy judges it: one set of fields for each verb.
package struct Act: Hashable, Sendable {
  /// Declared fields that are written.
  package var written: FieldSet
  /// Of `written`: those in which several values stood, all of them seen, and the write says one of these again.
  package var resolved: FieldSet
  /// Fields of which the write vouches for values (采核).
  package var verified: FieldSet
  /// It makes a record, or brings a deleted one back.
  package var creates: Bool
  package var deletes: Bool

  package init(
    written: FieldSet = [], resolved: FieldSet = [], verified: FieldSet = [],
    creates: Bool = false, deletes: Bool = false
  ) {
    self.written = written.subtracting(.existence)
    self.resolved = resolved.intersection(self.written)
    self.verified = verified
    self.creates = creates
    self.deletes = deletes
  }

  /// What a change does by its own words; which of its fields resolve a conflict only the record tells.
  package init(_ change: Change) {
    self.init(written: change.fields)
    for write in change.writes {
      switch write.value {
      case .verified(let dots): verified.formUnion(FieldSet(dots.lazy.map(\.field)))
      case .deleted: deletes = true
      default: if write.field == .alive { creates = true }
      }
    }
  }

  /// It does nothing that a policy could refuse.
  package var isEmpty: Bool { written.isEmpty && verified.isEmpty && !creates && !deletes }
}

extension Record {
  /// What a change does to this record, as it stands before the change.
  package func act(of change: Change) -> Act {
    var act = Act(change)
    for write in change.writes where act.written.contains(write.field) {
      let siblings = self[write.field].siblings
      if siblings.count > 1, siblings.contains(where: { $0.value == write.value }),
        siblings.allSatisfy({ write.base.covers($0.dot) })
      {
        act.resolved.insert(write.field)
      }
    }
    return act
  }
}
