/// Several values of one field that differ: kept until a write has seen them all.
package struct Conflict: Hashable, Sendable {
  /// Who decides.
  package enum Kind: String, Sendable {
    /// A person: the highest rank stands behind more than one value.
    case pending
    /// The rank did: the others are kept, so that people can see what was overruled.
    case byRule = "by_rule"
  }

  /// Why the shown value is shown and not the strongest other.
  package enum Reason: String, Sendable {
    case rank
    case laterTime = "later_time"
    /// Of a home: the first claim stands until people decide.
    case earlierClaim = "earlier_claim"
    case greaterDot = "greater_dot"
    /// A deletion met a write that it had not seen, and the record was put back.
    case revival
  }

  package let field: FieldID
  package let kind: Kind
  /// The strongest first: it is the shown one.
  package let siblings: [Sibling]
  package let reason: Reason
}

extension Record {
  /// The conflicts of what is held, ascending by field; a pure function of the siblings, so that nodes that hold the same agree.
  ///
  /// Equal values are no conflict. Of a deleted record only its existence can be one: the deletion has seen the rest, or the record
  /// would have been put back.
  package func conflicts(routing: [FieldID]) -> [Conflict] {
    guard hasSeveralValues else { return [] }
    var found: [Conflict] = []
    if let existence = self[.alive].existenceConflict { found.append(existence) }
    if isDeleted { return found }
    for entry in registers where !FieldSet.existence.contains(entry.field) {
      if let conflict = entry.register.conflict(
        of: entry.field, isRouting: routing.contains(entry.field))
      {
        found.append(conflict)
      }
    }
    return found
  }

  /// Whether there may be a conflict: cheap, and seldom true.
  private var hasSeveralValues: Bool {
    for entry in registers {
      if entry.register.siblings.count > 1 { return true }
      if entry.field == .alive, entry.register.siblings.contains(where: \.isRevival) { return true }
    }
    return false
  }
}

extension Register {
  /// The conflict that a data or routing field is in; nil when all its values are equal.
  package func conflict(of field: FieldID, isRouting: Bool) -> Conflict? {
    let ordered = strongestFirst(isRouting: isRouting)
    guard let best = ordered.first,
      let other = ordered.dropFirst().first(where: { $0.value != best.value })
    else { return nil }
    return Conflict(
      field: field, kind: other.rank == best.rank ? .pending : .byRule, siblings: ordered,
      reason: best.reason(over: other, isRouting: isRouting))
  }

  /// The conflict that a record's existence is in: alive and deleted beside each other, or put back after the two met.
  fileprivate var existenceConflict: Conflict? {
    let ordered = strongestFirst(isRouting: false)
    guard let best = ordered.first else { return nil }
    if let other = ordered.first(where: { $0.value.isDeletion != best.value.isDeletion }) {
      return Conflict(
        field: .alive, kind: .pending, siblings: ordered,
        reason: best.isRevival ? .revival : best.reason(over: other, isRouting: false))
    }
    guard ordered.contains(where: \.isRevival) else { return nil }
    return Conflict(field: .alive, kind: .pending, siblings: ordered, reason: .revival)
  }

  private func strongestFirst(isRouting: Bool) -> [Sibling] {
    siblings.count < 2 ? siblings : siblings.sorted { $0.outranks($1, isRouting: isRouting) }
  }
}

extension Sibling {
  fileprivate func reason(over other: Sibling, isRouting: Bool) -> Conflict.Reason {
    if rank != other.rank { return .rank }
    if time != other.time { return isRouting ? .earlierClaim : .laterTime }
    return .greaterDot
  }
}
