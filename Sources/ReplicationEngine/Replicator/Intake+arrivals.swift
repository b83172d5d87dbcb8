import ReplicationCore

extension Intake {
  /// What came home with this delivery, given the records as they were before; nothing unless it came from the parent.
  ///
  /// Only what changed a shown value counts: an own write that the parent merely hands back does not. For a department
  /// a record that is new to it is no homecoming: all of its county's are.
  func arrivals(_ before: [RecordRef: Record]) -> [Arrival] {
    guard delivery.peer == replicator.parent else { return [] }
    var result: [Arrival] = []
    for ref in desk.changed.sorted() {
      guard let record = desk.record(ref) else { continue }
      collect(ref, before[ref] ?? Record(), record, into: &result)
    }
    return result
  }

  private func collect(
    _ ref: RecordRef, _ before: Record, _ record: Record, into result: inout [Arrival]
  ) {
    guard record.isShown else {
      if let claim = lostClaim(ref, before, record) {
        result.append(arrival(ref, FieldSet([.alive]), .left, claim))
      }
      guard before.isShown, let deletion = record[.alive].shown(), deletion.value.isDeletion,
        deletion.side != .own
      else { return }
      result.append(arrival(ref, FieldSet([.alive]), .deleted, deletion))
      return
    }
    let changes = newlyShown(ref, before, record)
    let isAfterLoss = delivery.isCatchUp && desk.own.incarnation > 1
    let isReturn = isAfterLoss || delivery.isCatchUp && changes.contains { isOwn($0.sibling) }
    for change in changes {
      let kind: Arrival.Kind
      if before.isShown {
        // A large record is told in parts: what comes after a loss into fields that stand empty comes back with the rest.
        let wasEmpty = !change.fields.members.contains { before[$0].isHeld }
        kind = isOwn(change.sibling) || (isAfterLoss && wasEmpty) ? .returned : .edit
      } else if isReturn {
        kind = .returned
      } else if replicator.node.slug.isEmpty {
        kind = .new
      } else {
        continue
      }
      result.append(arrival(ref, change.fields, kind, change.sibling))
    }
  }

  /// The home that this node had given a record which was taken from it although the node had not moved it away; nil otherwise.
  private func lostClaim(_ ref: RecordRef, _ before: Record, _ record: Record) -> Sibling? {
    guard before.isShown, !record.isHeld,
      let home = replicator.policy.routingFields(of: ref.ledger).first,
      let claim = before[home].shown(isRouting: true), isOwn(claim),
      case .text(let text) = claim.value, let code = DivisionCode(text),
      replicator.node.code.contains(code)
    else { return nil }
    return claim
  }

  /// The siblings that are shown since and were not held before, each with its fields.
  private func newlyShown(
    _ ref: RecordRef, _ before: Record, _ record: Record
  ) -> [(sibling: Sibling, fields: FieldSet)] {
    let routing = replicator.policy.routingFields(of: ref.ledger)
    var result: [(sibling: Sibling, fields: FieldSet)] = []
    for entry in record.registers where !FieldSet.existence.contains(entry.field) {
      let isRouting = routing.contains(entry.field)
      guard let shown = entry.register.shown(isRouting: isRouting), shown.side != .own else {
        continue
      }
      let old = before[entry.field]
      if old.has(shown.dot) { continue }
      if (old.shown(isRouting: isRouting)?.value ?? .null) == shown.value { continue }
      if let at = result.firstIndex(where: { $0.sibling.dot == shown.dot }) {
        result[at].fields.insert(entry.field)
      } else {
        result.append((shown, FieldSet([entry.field])))
      }
    }
    return result
  }

  private func isOwn(_ sibling: Sibling) -> Bool {
    sibling.dot.replica.node == replicator.node
  }

  private func arrival(
    _ ref: RecordRef, _ fields: FieldSet, _ kind: Arrival.Kind, _ sibling: Sibling
  ) -> Arrival {
    Arrival(
      ref: ref, fields: fields, kind: kind, dot: sibling.dot, time: sibling.time,
      actor: delivery.pool[sibling.dot]?.change.actor ?? "", peer: delivery.peer,
      at: desk.moment.now)
  }
}

extension Record {
  /// Whether applications see the record.
  fileprivate var isShown: Bool { isHeld && !isDeleted }
}
