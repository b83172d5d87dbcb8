/// One written field of a change.
package struct FieldWrite: Hashable, Sendable {
  package let field: FieldID
  package let value: Value
  package let rank: UInt8
  /// What the author had seen of this field: at most 64 entries.
  package let base: VersionVector

  /// The most entries that a base may have.
  package static let maximumBaseEntries = 64

  package init(field: FieldID, value: Value, rank: UInt8, base: VersionVector) {
    self.field = field
    self.value = value
    self.rank = rank
    self.base = base
  }
}

/// What a node wrote into one record in one sealed step.
package struct Change: Hashable, Sendable {
  /// Why a change was made.
  package enum Cause: Hashable, Sendable {
    /// An application wrote.
    case write
    /// A node put back what stood before: it names the dots that made it necessary (a deletion and the write that it did not see, or the refused dot).
    case restore([Dot])
  }

  package let dot: Dot
  package let ref: RecordRef
  /// Ascending by field. A relay may have left out fields: what is here is what this node may see.
  package var writes: [FieldWrite]
  /// Microseconds since 1970 UTC.
  package let time: Int64
  /// The person the application acted for, or the database session's user.
  package let actor: String
  package let cause: Cause

  package init(
    dot: Dot, ref: RecordRef, writes: [FieldWrite], time: Int64, actor: String, cause: Cause
  ) {
    self.dot = dot
    self.ref = ref
    self.writes = writes
    self.time = time
    self.actor = actor
    self.cause = cause
  }

  /// The fields that are here.
  package var fields: FieldSet { FieldSet(writes.lazy.map(\.field)) }

  /// The deletion and the write that it had not seen, when the change puts the record back alive because the two met; nil for every other change.
  package var meeting: Meeting? {
    guard case .restore(let dots) = cause, dots.count == 2 else { return nil }
    return Meeting(deletion: dots[0], unseen: dots[1])
  }
}
