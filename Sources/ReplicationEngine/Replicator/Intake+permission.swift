import ReplicationCore
import SignedFeed

extension Intake {
  /// Whether the author maintains the fields for no home at all. A `restore` needs no `maintain`: the first hop compared it with what stood before.
  func neverMaintained(_ change: Change, trustsRestore: Bool = true) -> Refusal? {
    if trustsRestore, change.isBelievableRestore { return nil }
    let ledger = change.ref.ledger
    let author = change.dot.replica.node
    let policy = policy(of: change.dot)
    let act = Act(change)
    guard
      let reason = policy.violation(
        by: author, in: ledger, act: act, before: nil, after: .notHeld)
    else { return nil }
    return Refusal(
      code: "outside_scope", detail: "\(change.dot) of \(change.ref) by \(author): \(reason)")
  }

  /// Whether a first claim of a home claims one that its author may not create records for.
  func foreignHome(_ change: Change) -> Refusal? {
    if case .restore = change.cause { return nil }
    let ledger = change.ref.ledger
    let policy = policy(of: change.dot)
    let routing = policy.routingFields(of: ledger)
    guard let claim = change.writes.first(where: { $0.field == routing.first }),
      claim.base.isEmpty, claim.value.divisionCode != nil
    else { return nil }
    let author = change.dot.replica.node
    guard
      let reason = policy.violation(
        by: author, in: ledger, act: Act(change), before: .neverKnown,
        after: Routing.notHeld.applying(change, routing))
    else { return nil }
    return Refusal(
      code: "outside_scope", detail: "\(change.dot) of \(change.ref) by \(author): \(reason)")
  }

  /// At the first hop: whether the author maintains the fields of this record as it stands here, or as it stood before a move that is on its way to the author.
  func outsideScope(
    _ change: Change, _ record: Record, isPayload: Bool, _ tx: any StoreTransaction
  ) throws -> Refusal? {
    if isRestore(change, of: record) { return nil }
    let routingFields = replicator.policy.routingFields(of: change.ref.ledger)
    let isKnown = desk.record(change.ref) != nil
    let before: Routing =
      isPayload
      ? .homes([Home](columns: routingFields.map { _ in delivery.peer.code }))
      : (isKnown ? record.routing(by: routingFields) : .neverKnown)
    let judge = policy(of: change.dot)
    let author = change.dot.replica.node
    let act = record.act(of: change)
    func violation(_ before: Routing) -> String? {
      judge.violation(
        by: author, in: change.ref.ledger, act: act, before: before,
        after: before.applying(change, routingFields))
    }
    guard let reason = violation(before) else { return nil }
    // Where claims of a home stand beside one another, the author wrote under the one that it saw: here it may not be the shown one.
    if isKnown, violation(.homes(record.claims(by: routingFields))) == nil { return nil }
    if isKnown, isRival(change, of: record), violation(.neverKnown) == nil { return nil }
    // The author may have written before it heard of a move that this node sent it, or that its own claim was overwritten here.
    let entries = try unheard(of: change.ref, tx)
    for entry in entries {
      if let earlier = entry.routingBefore, violation(earlier) == nil { return nil }
    }
    let claims = try claims(in: entries, routingFields, tx)
    if isKnown, !claims.isEmpty, violation(.homes(claims)) == nil { return nil }
    return Refusal(
      code: "outside_scope", detail: "\(change.dot) of \(change.ref) by \(author): \(reason)",
      isAnswered: true)
  }

  /// What happened here to a record that the peer had not heard of when it sent this delivery.
  private func unheard(of ref: RecordRef, _ tx: any StoreTransaction) throws -> [Entry] {
    let stored = try tx.entries(of: [ref], in: delivery.lane, from: delivery.acknowledged)
    return stored.map(\.1) + desk.entries.filter { $0.ref == ref }
  }

  /// Every division code that entries brought here as values of routing fields, held still or overwritten since.
  private func claims(
    in entries: [Entry], _ routing: [FieldID], _ tx: any StoreTransaction
  ) throws -> [Home] {
    var demand = EvidenceDemand()
    for entry in entries { demand.add(entry.carried.filter { routing.contains($0.field) }) }
    var pool = EvidencePool(demand.prune(try tx.batches(containing: demand.dots)))
    pool.add(delivery.pool.batches)
    var homes: [Home] = []
    for (replica, indexes) in demand.fields {
      for (index, fields) in indexes {
        let dot = Dot(replica, index)
        let change = pool[dot]?.change ?? desk.ownChanges.first { $0.dot == dot }
        for write in change?.writes ?? [] where fields.contains(write.field) {
          guard let code = write.value.divisionCode,
            let column = routing.firstIndex(of: write.field)
          else { continue }
          homes.append(Home(code, column: UInt8(column)))
        }
      }
    }
    return homes
  }

  /// Whether a change registers under a key that is held here already, by somebody who saw nothing of that: it stands beside, and overwrites nothing.
  private func isRival(_ change: Change, of record: Record) -> Bool {
    let author = change.dot.replica.node
    let isMade = change.writes.contains { $0.field == .alive && !$0.value.isDeletion }
    return isMade
      && change.writes.allSatisfy { write in
        record[write.field].siblings.allSatisfy { sibling in
          sibling.dot.replica.node == author || !write.base.covers(sibling.dot)
        }
      }
  }

  /// Whether a change puts back what stood before: it brings nothing that is not held here.
  func isRestore(_ change: Change, of record: Record) -> Bool {
    guard case .restore(let dots) = change.cause, !dots.isEmpty else { return false }
    let isDeletion = change.writes.contains { $0.field == .alive && $0.value.isDeletion }
    let routing = replicator.policy.routingFields(of: change.ref.ledger)
    return change.writes.allSatisfy { write in
      let register = record[write.field]
      if write.field == .alive { return true }
      // A creation that was refused below is deleted at the home that it claimed; a field that was never filled is emptied.
      if !register.isHeld, isDeletion && routing.contains(write.field) || write.value == .null {
        return true
      }
      return register.siblings.contains { $0.value == write.value }
    }
  }
}

extension Change {
  /// Whether a change that says it puts back what stood before can do so, as far as its own words go.
  ///
  /// Existence may be restored by any node where both sides met. Fields are put back by the node above the one whose write it
  /// refused, over that write: so a node restores nothing against its own word, or against those above it.
  fileprivate var isBelievableRestore: Bool {
    guard case .restore(let dots) = cause, !dots.isEmpty else { return false }
    return writes.allSatisfy { write in
      if write.field == .alive, !write.value.isDeletion { return true }
      return dots.allSatisfy { refused in
        dot.replica.node != refused.replica.node
          && dot.replica.node.isAbove(refused.replica.node) && write.base.covers(refused)
      }
    }
  }
}

extension Routing {
  /// The routing with a change's own routing values put in their places.
  func applying(_ change: Change, _ fields: [FieldID]) -> Routing {
    var homes = homes
    for (i, field) in fields.enumerated() {
      guard let write = change.writes.first(where: { $0.field == field }),
        let code = write.value.divisionCode
      else { continue }
      let column = UInt8(i)
      homes.removeAll { $0.column == column }
      let at = homes.firstIndex { $0.column > column } ?? homes.endIndex
      homes.insert(Home(code, column: column), at: at)
    }
    return .homes(homes)
  }
}

extension Entry {
  /// The values that the entry brought, by their dots.
  fileprivate var carried: [FieldDots] {
    switch self {
    case .change(_, let dot, let fields, _, _, _), .relay(_, let dot, let fields, _, _):
      fields.members.map { FieldDots($0, [dot]) }
    case .state(_, let payload, _, _, _), .relayState(_, let payload, _, _): payload
    case .policy, .withdrawTo, .answer, .withdrawn: []
    }
  }

  fileprivate var routingBefore: Routing? {
    switch self {
    case .change(_, _, _, let before, _, _), .state(_, _, let before, _, _): before
    case .withdrawn(_, _, _, let before, _, _): before.codes.isEmpty ? nil : before
    case .policy, .withdrawTo, .answer, .relay, .relayState: nil
    }
  }
}
