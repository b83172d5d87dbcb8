import ReplicationCore
import SignedFeed

/// Items of one delivery being received, one after another.
struct Intake {
  let replicator: Replicator
  var delivery: Delivery
  var desk: Desk
  /// Entries of the records of states that the peer has not acknowledged.
  let stored: [RecordRef: [Entry]]
  private var storedPool: EvidencePool?
  /// What the store said of headers, asked once a replica.
  private var evidence: [Replica: UInt64] = [:]
  var parked: [Item] = []
  var quarantined: [QuarantinedItem] = []
  var applied = 0

  init(
    _ replicator: Replicator, _ delivery: Delivery, _ stored: [RecordRef: [Entry]], _ desk: Desk
  ) {
    self.replicator = replicator
    self.delivery = delivery
    self.stored = stored
    self.desk = desk
  }

  mutating func take(_ item: Item, _ tx: any StoreTransaction) throws {
    switch item {
    case .change(let ref, let dot, let fields, let isPayload):
      if delivery.isRefused(dot) { return }
      guard var change = delivery.pool.change(dot, fields), change.ref == ref else {
        throw missing(ref, dot)
      }
      if let refusal = maskRefusal(of: change, isPayload: isPayload) {
        return refuse(change, refusal)
      }
      change.writes = seen(change)
      if change.writes.isEmpty { return }
      if let refusal = try refusal(of: change, isPayload: isPayload, tx) {
        return refuse(change, refusal)
      }
      if let change = holdable(change) {
        desk.receive(change, isPayload: isPayload, from: .link(delivery.peer))
      }
    case .state(let ref, let siblings, let view, let isPayload):
      try takeState(ref, siblings, view, isPayload, tx)
    case .withdrawal(let ref, let fields):
      if delivery.peer == replicator.node {
        desk.prune(ref)
      } else {
        desk.withdraw(fields, of: ref, from: delivery.peer)
      }
    case .policy:
      break
    }
    applied += 1
  }

  private func missing(_ ref: RecordRef, _ dot: Dot) -> ParcelError {
    ParcelError(.missingEvidence, "\(dot) of \(ref) came without its proof")
  }

  private mutating func takeState(
    _ ref: RecordRef, _ siblings: [FieldDots], _ view: FieldSet, _ isPayload: Bool,
    _ tx: any StoreTransaction
  ) throws {
    let known =
      delivery.refusedBatches.isEmpty ? siblings : siblings.without { delivery.isRefused($0) }
    let (seen, leaks) = try masksJudged(known, of: ref)
    var (accepted, refused) = try judge(state: seen, of: ref, tx)
    refused += leaks
    // What is put back stands on what the rest of the state brings.
    defer { for (change, refusal) in refused { refuse(change, refusal) } }
    let held = holdable(accepted, of: ref)
    if held.isEmpty, !siblings.isEmpty { return }
    let side = Side.link(delivery.peer)
    guard let registers = delivery.pool.registers(held, of: ref, side: side) else {
      throw ParcelError(.missingEvidence, "a state of \(ref) came without all its proofs")
    }
    let carried = try unacknowledged(ref, tx).map { holdable($0, of: ref) }
    let rules = desk.rules(ref.ledger)
    let peer = delivery.peer
    let acknowledged = delivery.acknowledged
    let projector = replicator.projector(to: peer)
    let ledger = projector.ledger(ref.ledger)
    let masks = masks(told: registers, of: ref)
    desk.work(on: ref) { record, isKnown, position in
      rules.receive(
        state: registers, of: ref, view: view, masks: masks, isPayload: isPayload, from: peer,
        unacknowledged: carried, acknowledged: acknowledged, into: &record, isKnown: isKnown,
        position: position,
        isOutsideView: { projector.view($0, ledger).isEmpty })
    }
  }

  /// What the peer has not acknowledged of this record, in feed order: stored entries, then what this transaction wrote itself.
  private mutating func unacknowledged(
    _ ref: RecordRef, _ tx: any StoreTransaction
  ) throws -> [Unacknowledged] {
    var result: [Unacknowledged] = []
    if let entries = stored[ref] {
      let pool = try pool(tx)
      for entry in entries { if let carried = pool.carried(by: entry) { result.append(carried) } }
    }
    let masks = ownMasks(of: ref)
    for change in desk.ownChanges where change.ref == ref {
      result.append(
        .writes(change.writes.map { ($0.field, Sibling($0, of: change, side: .own)) }))
    }
    return masks.isEmpty ? result : result.map { $0.closing(masks) }
  }

  /// The greatest index of a replica at or below which this node has seen verified headers.
  mutating func headerEvidence(_ replica: Replica, _ tx: any StoreTransaction) throws -> UInt64 {
    if let known = evidence[replica] { return known }
    let index = try tx.headerEvidence(replica)
    evidence[replica] = index
    return index
  }

  private mutating func pool(_ tx: any StoreTransaction) throws -> EvidencePool {
    if let storedPool { return storedPool }
    var demand = EvidenceDemand()
    for entries in stored.values { for entry in entries { demand.add(entry) } }
    let batches = demand.prune(try tx.batches(containing: demand.dots))
    let made = EvidencePool(batches.map { $0.closing(replicator.closings(in: $0)) })
    storedPool = made
    return made
  }
}

extension Intake {
  /// The delivered batches with the values that entries or parked items name; of the others only the headers.
  ///
  /// What had been seen already is not kept again: it may have been erased since.
  var neededEvidence: [SignedBatch] {
    var demand = EvidenceDemand()
    for entry in desk.entries { demand.add(entry) }
    for item in parked { demand.add(item) }
    return delivery.pool.batches.map { batch in
      batch.pruned(to: demand.fields[batch.header.replica] ?? [:])
    }
  }
}

extension EvidenceDemand {
  /// What an entry carries.
  mutating func add(_ entry: Entry) {
    switch entry {
    case .change(_, let dot, let took, _, _, _): add(dot, took)
    case .relay(_, let dot, let fields, _, _): add(dot, fields)
    case .state(_, let payload, _, _, _), .relayState(_, let payload, _, _): add(payload)
    case .policy, .withdrawTo, .answer, .withdrawn: break
    }
  }
}

extension EvidencePool {
  /// What an entry carried, to be applied or merged again; nil when its values are gone.
  func carried(by entry: Entry) -> Unacknowledged? {
    guard let side = entry.payloadSide else { return nil }
    switch entry {
    case .change(_, let dot, let fields, _, _, _), .relay(_, let dot, let fields, _, _):
      guard let change = change(dot, fields) else { return nil }
      return .writes(change.writes.map { ($0.field, Sibling($0, of: change, side: side)) })
    case .state(let ref, let payload, _, _, _), .relayState(let ref, let payload, _, _):
      return registers(payload, of: ref, side: side).map { .registers($0) }
    case .policy, .withdrawTo, .answer, .withdrawn:
      return nil
    }
  }
}
