import ReplicationCore

extension Desk {
  /// Makes the change that a local write is, under the rules of bases and ranks; nothing when it changes nothing that is held.
  mutating func seal(_ write: CapturedWrite) {
    let record = record(write.ref) ?? Record()
    let writes = self.writes(of: write, record)
    guard !writes.isEmpty else { return }
    author(
      write.ref, writes, record, time: moment.adjusting(write.time), actor: write.actor,
      cause: .write)
  }

  private mutating func writes(of write: CapturedWrite, _ record: Record) -> [FieldWrite] {
    let isGone = !record.isHeld || record.isDeleted
    if write.isDeletion {
      // A deletion again: it settles a dispute over the record's existence.
      if isGone, record[.alive].siblings.count < 2 { return [] }
      let seen = record.seenContexts(routing: rules(write.ref.ledger).routing).map { held in
        guard let stale = write.context(of: held.field) else { return held }
        return FieldContext(held.field, record.base(of: held.field, for: own, seen: stale))
      }
      return [self.write(.alive, .deleted(seen), write, record)]
    }
    var result: [FieldWrite] = []
    result.reserveCapacity(write.values.entries.count + 1)
    if isGone || write.isCreation || answersRevival(write, record) {
      result.append(self.write(.alive, .bool(true), write, record))
    }
    for entry in write.values.entries where entry.field != .alive {
      if write.isCreation, case .null = entry.value, !mayClear(entry.field, of: write.ref, record) {
        continue
      }
      result.append(self.write(entry.field, entry.value, write, record))
    }
    return result
  }

  /// Whether a write settles that the record is to stay, after a deletion met a write that it had not seen: by who may create and delete it.
  private mutating func answersRevival(_ write: CapturedWrite, _ record: Record) -> Bool {
    guard write.seen.isEmpty, record[.alive].siblings.contains(where: \.isRevival),
      let home = rules(write.ref.ledger).routing.first
    else { return false }
    return mayClear(home, of: write.ref, record)
  }

  /// A record made anew starts empty, but for what only others maintain: that is not this node's to clear.
  private mutating func mayClear(_ field: FieldID, of ref: RecordRef, _ record: Record) -> Bool {
    let homes = record.routing(by: rules(ref.ledger).routing)
    return replicator.policy.violation(
      by: own.node, in: ref.ledger, fields: FieldSet([field]), before: homes, after: homes) == nil
  }

  private mutating func write(
    _ field: FieldID, _ value: Value, _ write: CapturedWrite, _ record: Record
  ) -> FieldWrite {
    let rank = rank(of: field, in: write.ref.ledger)
    if record.registers.isEmpty, record.ownWrites.isEmpty, write.seen.isEmpty {
      return FieldWrite(field: field, value: value, rank: rank, base: VersionVector())
    }
    let base = record.base(of: field, for: own, seen: write.context(of: field))
      .bounded(keeping: record[field])
    return FieldWrite(field: field, value: value, rank: rank, base: base)
  }
}
