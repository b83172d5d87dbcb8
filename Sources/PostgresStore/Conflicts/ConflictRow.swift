internal import ReplicationCore
internal import SignedFeed

/// One value of a field in conflict, as `huijia.conflict_value` has it.
struct ConflictRow {
  let ref: RecordRef
  let field: FieldID
  /// 1, 2, 3 … within the conflict; 1 is shown.
  let number: Int
  let kind: Conflict.Kind
  let value: Value
  let dot: Dot
  /// Nil where the proof does not lie here.
  var author: String?
  /// Microseconds since 1970 UTC; nil likewise.
  var time: Int64?
  let rank: UInt8
  /// Of the shown value only.
  let reason: Conflict.Reason?
  let version: String
}

extension ConflictRow {
  /// The rows of a record's conflicts. `proofs`: the changes that the siblings and the meetings behind revivals name, as far as they lie here.
  static func rows(
    of ref: RecordRef, _ conflicts: [Conflict], _ proofs: [Dot: Change]
  ) -> [ConflictRow] {
    conflicts.flatMap { conflict in
      let version = ConflictName.version(conflict.siblings.map(\.dot))
      let values =
        conflict.field == .alive
        ? existence(conflict, proofs)
        : conflict.siblings.map { Stated($0, proofs[$0.dot]) }
      return values.enumerated().map { at, stated in
        ConflictRow(
          ref: ref, field: conflict.field, number: at + 1, kind: conflict.kind,
          value: stated.value, dot: stated.dot, author: stated.author, time: stated.time,
          rank: stated.rank, reason: at == 0 ? conflict.reason : nil, version: version)
      }
    }
  }

  private struct Stated {
    let value: Value
    let dot: Dot
    let author: String?
    let time: Int64?
    let rank: UInt8

    init(_ sibling: Sibling, _ proof: Change?) {
      value = sibling.value.isDeletion ? .bool(false) : sibling.value
      dot = sibling.dot
      author = proof?.actor
      time = sibling.time
      rank = sibling.rank
    }

    /// Of what is named, and is no sibling.
    init(_ value: Value, _ dot: Dot, _ proof: Change?) {
      self.value = value
      self.dot = dot
      author = proof?.actor
      time = proof?.time
      rank = 0
    }
  }

  /// Alive and deleted: of a revival, who wrote without knowing of the deletion, and who deleted.
  private static func existence(_ conflict: Conflict, _ proofs: [Dot: Change]) -> [Stated] {
    var values: [Stated] = []
    var deletions: [Dot] = []
    for sibling in conflict.siblings {
      guard sibling.isRevival, let meeting = proofs[sibling.dot]?.meeting else {
        values.append(Stated(sibling, proofs[sibling.dot]))
        continue
      }
      // Several nodes may have put the record back for the same write.
      if !values.contains(where: { $0.dot == meeting.unseen }) {
        values.append(Stated(.bool(true), meeting.unseen, proofs[meeting.unseen]))
      }
      if !deletions.contains(meeting.deletion) { deletions.append(meeting.deletion) }
    }
    let held = Set(conflict.siblings.map(\.dot))
    for deletion in deletions where !held.contains(deletion) {
      values.append(Stated(.bool(false), deletion, proofs[deletion]))
    }
    return values
  }
}
