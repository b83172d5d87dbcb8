internal import ReplicationCore
internal import ReplicationEngine

extension LoadedRow {
  /// Whether the outbox says anything of the record.
  var isUnsealed: Bool { !pending.isEmpty || !vouched.isEmpty }

  /// What people vouched for, one write for each word: of what was written again since, or is gone, nothing is left.
  func verifications(of ref: RecordRef, clockOffset: Int64) -> [CapturedWrite] {
    guard values != nil else { return [] }
    return vouched.compactMap { word in
      let later = written { $0.id > word.id }
      let waiting = written { $0.id < word.id }
      let stood = word.seen.map { RecordCodec.siblings($0) } ?? [:]
      let seen = word.changed.subtracting(later).members.compactMap { field in
        waiting.contains(field)
          ? CapturedWrite.SeenValue(field, nil)
          : stood[field].map { CapturedWrite.SeenValue(field, $0.sorted()) }
      }
      if seen.isEmpty { return nil }
      return CapturedWrite(
        ref: ref, values: [:], isDeletion: false, isCreation: false,
        time: word.time + clockOffset, actor: word.actor, verified: seen)
    }
  }

  /// The fields that some unsealed writes wrote.
  private func written(_ counts: (OutboxRow) -> Bool) -> FieldSet {
    var fields = FieldSet()
    for write in pending where counts(write) { fields.formUnion(write.changed) }
    return fields
  }
}
