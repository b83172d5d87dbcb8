import ReplicationCore
import SignedFeed

extension Intake {
  /// Puts a change into quarantine with its proof; one outside its author's scope is answered by what stood before.
  mutating func refuse(_ change: Change, _ refusal: Refusal) {
    quarantine(change.ref, change.dot, refusal)
    guard refusal.isAnswered else { return }
    let record = desk.record(change.ref) ?? Record()
    if record.isHeld {
      putBack(change, record)
    } else {
      deleteAgain(change, record)
    }
  }

  /// The proof shows no value that this node must not hold.
  mutating func quarantine(_ ref: RecordRef, _ dot: Dot, _ refusal: Refusal) {
    quarantined.append(
      QuarantinedItem(
        peer: delivery.peer, ref: ref, dot: dot, code: refusal.code, detail: refusal.detail,
        proof: delivery.pool.batch(of: dot).map(replicator.proof)))
  }

  /// The values that stood before, with bases that have seen the refused dot: so it counts as seen everywhere.
  private mutating func putBack(_ change: Change, _ record: Record) {
    let writes = change.writes.compactMap { write -> FieldWrite? in
      let isRouting = desk.rules(change.ref.ledger).routing.contains(write.field)
      let shown = record[write.field].shown(isRouting: isRouting)
      // What stood before is not known here: who knows it answers.
      if let shown, shown.value.isMasked { return nil }
      return self.write(write.field, shown?.value ?? .null, over: write, change, record)
    }
    if writes.isEmpty { return }
    desk.author(
      change.ref, writes, record, time: desk.moment.adjusted, actor: "",
      cause: .restore([change.dot]))
  }

  /// A refused creation is answered by a deletion that routes to where its author put it; where the author may not see that, by a withdrawal.
  private mutating func deleteAgain(_ change: Change, _ record: Record) {
    let routing = desk.rules(change.ref.ledger).routing
    let exempt = FieldSet.existence.union(FieldSet(routing))
    var writes: [FieldWrite] = []
    var seen: [FieldContext] = []
    var homes: [Home] = []
    for write in change.writes {
      if let column = routing.firstIndex(of: write.field), let code = write.value.divisionCode {
        homes.append(Home(code, column: UInt8(column)))
        writes.append(self.write(write.field, write.value, over: write, change, record))
      } else if !exempt.contains(write.field) {
        seen.append(FieldContext(write.field, write.base.joined(change.dot)))
      }
    }
    let projector = replicator.projector(to: delivery.peer)
    guard !projector.view(.homes(homes), projector.ledger(change.ref.ledger)).isEmpty else {
      desk.entries.append(.withdrawTo(change.ref, child: delivery.peer))
      return
    }
    let alive = change.writes.first { $0.field == .alive }
    let base = (alive?.base ?? VersionVector()).joined(change.dot)
      .joined(record.base(of: .alive, for: desk.own))
    writes.insert(
      FieldWrite(
        field: .alive, value: .deleted(seen), rank: 0, base: base.bounded(keeping: Register())),
      at: 0)
    desk.author(
      change.ref, writes, record, time: desk.moment.adjusted, actor: "",
      cause: .restore([change.dot]))
  }

  private func write(
    _ field: FieldID, _ value: Value, over refused: FieldWrite, _ change: Change,
    _ record: Record
  ) -> FieldWrite {
    let base = record.base(of: field, for: desk.own).joined(refused.base).joined(change.dot)
    let rank =
      field == .alive
      ? 0 : replicator.policy.rank(of: desk.own.node, field: field, in: change.ref.ledger)
    return FieldWrite(
      field: field, value: value, rank: rank, base: base.bounded(keeping: record[field]))
  }
}
