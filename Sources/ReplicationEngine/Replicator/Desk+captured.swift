import ReplicationCore
import SignedFeed

extension Desk {
  /// Makes the change that a local write is, under the rules of bases and ranks; nothing when it changes nothing that is held.
  mutating func seal(_ write: CapturedWrite) {
    let record = record(write.ref) ?? Record()
    let writes = write.isWordOnly ? [] : self.writes(of: write, record)
    for part in parts(of: writes, write) {
      author(
        write.ref, part, self.record(write.ref) ?? Record(), time: moment.adjusting(write.time),
        actor: write.actor, cause: .write)
    }
    if !write.verified.isEmpty { vouch(write) }
    // Written before this node lost the right to see it: it goes up as payload, and comes back masked or not at all.
    if writes.isEmpty { return }
    let own = replicator.policy.fields(of: own.node, in: write.ref.ledger)
    if seesMasked(write.ref.ledger) || !FieldSet(writes.lazy.map(\.field)).isSubset(of: own) {
      prune(write.ref)
    }
  }

  /// Makes the change by which a person vouches for values, of those that still stand alone where they were seen.
  ///
  /// Each replica's word stands beside the others': a write that had seen theirs would have to repeat what it may not say.
  private mutating func vouch(_ write: CapturedWrite) {
    let record = record(write.ref) ?? Record()
    guard record.isHeld, !record.isDeleted else { return }
    let time = moment.adjusting(write.time)
    let more = write.verified.compactMap { seen -> Verification? in
      let register = record[seen.field]
      guard register.siblings.count == 1, let dot = register.dots.first,
        seen.dots.map({ $0 == [dot] }) ?? (dot.replica == own)
      else { return nil }
      return Verification(seen.field, dot, time: time, actor: write.actor)
    }
    if more.isEmpty { return }
    let all = record.verifications(of: own, with: more)
    let base = record.base(of: .verified, for: own, seen: VersionVector())
    author(
      write.ref,
      [FieldWrite(field: .verified, value: .verified(all), rank: 0, base: base)], record,
      time: time, actor: write.actor, cause: .write)
  }

  /// The writes of as many changes as they need: a batch must hold each, and a parcel the batch. Where the record lies goes first.
  private func parts(of writes: [FieldWrite], _ write: CapturedWrite) -> [[FieldWrite]] {
    func bytes(_ writes: [FieldWrite]) -> Int {
      SignedBatch.sizeBound(
        of: Change(
          dot: Dot(own, 1), ref: write.ref, writes: writes, time: write.time, actor: write.actor,
          cause: .write))
    }
    if writes.isEmpty { return [] }
    if bytes(writes) <= BatchTargets.bytes { return [writes] }
    let first = FieldSet.existence.union(
      FieldSet(replicator.policy.routingFields(of: write.ref.ledger)))
    var parts: [[FieldWrite]] = []
    let ordered =
      writes.filter { first.contains($0.field) } + writes.filter { !first.contains($0.field) }
    for write in ordered {
      if let last = parts.last, bytes(last + [write]) <= BatchTargets.bytes {
        parts[parts.count - 1].append(write)
      } else {
        parts.append([write])
      }
    }
    return parts.map { $0.sorted { $0.field < $1.field } }
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
    guard write.seen.isEmpty, record[.alive].siblings.contains(where: \.isRevival) else {
      return false
    }
    let homes = record.routing(by: rules(write.ref.ledger).routing)
    return replicator.policy.violation(
      by: own.node, in: write.ref.ledger, act: Act(creates: true), before: homes, after: homes)
      == nil
  }

  /// A record made anew starts empty, but for what only others maintain: that is not this node's to clear.
  private mutating func mayClear(_ field: FieldID, of ref: RecordRef, _ record: Record) -> Bool {
    let homes = record.routing(by: rules(ref.ledger).routing)
    return replicator.policy.violation(
      by: own.node, in: ref.ledger, act: Act(written: [field]), before: homes, after: homes) == nil
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
