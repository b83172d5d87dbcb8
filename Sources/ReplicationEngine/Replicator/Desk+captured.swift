import ReplicationCore

extension Desk {
  /// Makes the change that a local write is, under the rules of bases and ranks; nothing when it changes nothing that is held.
  mutating func seal(_ write: CapturedWrite) {
    let record = records[write.ref] ?? Record()
    let writes = self.writes(of: write, record)
    guard !writes.isEmpty else { return }
    author(
      write.ref, writes, record, time: moment.adjusting(write.time), actor: write.actor,
      cause: .write)
  }

  private mutating func writes(of write: CapturedWrite, _ record: Record) -> [FieldWrite] {
    let isGone = !record.isHeld || record.isDeleted
    if write.isDeletion {
      if isGone { return [] }
      let seen = record.seenContexts(routing: rules(write.ref.ledger).routing)
      return [self.write(.alive, .deleted(seen), write, record)]
    }
    var result: [FieldWrite] = []
    result.reserveCapacity(write.values.count + 1)
    if isGone || write.isCreation {
      result.append(self.write(.alive, .bool(true), write, record))
    }
    for field in write.values.keys.sorted() {
      guard field != .alive, let value = write.values[field] else { continue }
      if write.isCreation, value == .null, !mayClear(field, of: write.ref, record) { continue }
      result.append(self.write(field, value, write, record))
    }
    return result
  }

  /// A record made anew starts empty, but for what only others maintain: that is not this node's to clear.
  private mutating func mayClear(_ field: FieldID, of ref: RecordRef, _ record: Record) -> Bool {
    let homes = record.routing(by: rules(ref.ledger).routing)
    return replicator.policy.violation(
      by: own.node, in: ref.ledger, fields: FieldSet([field]), before: homes, after: homes) == nil
  }

  private func write(
    _ field: FieldID, _ value: Value, _ write: CapturedWrite, _ record: Record
  ) -> FieldWrite {
    let seen = write.seen.first { $0.field == field }?.context
    let base = record.base(of: field, for: own, seen: seen).bounded(keeping: record[field])
    let rank =
      field == .alive
      ? 0 : replicator.policy.rank(of: own.node, field: field, in: write.ref.ledger)
    return FieldWrite(field: field, value: value, rank: rank, base: base)
  }
}
