extension Record {
  /// The context that the next write of a field by `own` names as seen.
  ///
  /// The register's context if a value is held, joined with dot and base of the replica's own last write, held or not:
  /// so a replica's later write always supersedes its earlier ones, with all that those saw, and a version vector is exact.
  /// Who does not hold a record has not seen it, and writes of earlier incarnations do not count.
  ///
  /// - Parameter seen: an older context that the application said it had read, in place of the register's; nil: the register's.
  ///   What it claims beyond the register's does not count.
  package func base(
    of field: FieldID, for own: Replica, seen: VersionVector? = nil
  ) -> VersionVector {
    var context = self[field].context
    if let seen {
      context = context.met(seen)
      for sibling in self[field].siblings where sibling.dot.replica == own {
        context = context.joined(sibling.base).joined(sibling.dot)
      }
    }
    for entry in ownWrites where entry.field == field && entry.dot.replica == own {
      return context.joined(entry.base).joined(entry.dot)
    }
    return context
  }

  /// Replaces a field's register and keeps in mind the own write that goes with the old one.
  package mutating func replace(_ field: FieldID, with register: Register, own: Replica) {
    for sibling in self[field].siblings
    where sibling.dot.replica == own && !register.has(sibling.dot) {
      remember(OwnWrite(field: field, dot: sibling.dot, base: sibling.base), own: own)
    }
    self[field] = register
  }

  /// An own write took the field: it is held now and needs no place beside the registers.
  package mutating func forgetOwnWrite(of field: FieldID) {
    ownWrites.removeAll { $0.field == field }
  }

  private mutating func remember(_ write: OwnWrite, own: Replica) {
    if let at = ownWrites.firstIndex(where: { $0.field == write.field }) {
      let known = ownWrites[at]
      if known.dot.replica == own, known.dot.index >= write.dot.index { return }
      ownWrites[at] = write
    } else {
      let at = ownWrites.firstIndex { $0.field > write.field } ?? ownWrites.endIndex
      ownWrites.insert(write, at: at)
    }
  }
}
