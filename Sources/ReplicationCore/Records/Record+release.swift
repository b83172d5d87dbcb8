extension Record {
  /// Keeps, per data field, the last register whose every sibling is verified: pending edits stand beside it, not instead.
  ///
  /// A gate holds back, it never withdraws. Verifications of several siblings are unioned.
  package mutating func settleReleases(routing: [FieldID]) {
    let verified = verifications
    if verified.isEmpty, released.isEmpty { return }
    let ungated = FieldSet.existence.union(FieldSet(routing))
    for entry in registers where !ungated.contains(entry.field) {
      let isVerified = entry.register.siblings.allSatisfy {
        verified[FieldDot(entry.field, $0.dot)] != nil
      }
      if isVerified {
        release(entry)
      } else if let at = released.firstIndex(where: { $0.field == entry.field }) {
        // A value that came anew under another mask is shown so here too.
        released[at].register = released[at].register.inForms(of: entry.register)
      }
    }
    let held = heldFields
    released.removeAll { !held.contains($0.field) }
  }

  /// The register of a field that may pass a gate; nil when none was ever verified.
  package func releasedRegister(of field: FieldID) -> Register? {
    for entry in released where entry.field == field { return entry.register }
    return nil
  }

  private mutating func release(_ entry: FieldRegister) {
    let at = released.firstIndex { $0.field >= entry.field } ?? released.endIndex
    if at < released.endIndex, released[at].field == entry.field {
      released[at] = entry
    } else {
      released.insert(entry, at: at)
    }
  }
}
