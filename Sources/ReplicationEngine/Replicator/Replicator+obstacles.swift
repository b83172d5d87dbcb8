import ReplicationCore
import SignedFeed

extension Replicator {
  /// Leaves out items of records that this store can never hold: each is quarantined with its proof, and the others go on.
  ///
  /// Throws `ParcelError` where a newer catalog than this node's may know the record: the data waits for it.
  func holdable(
    _ items: ArraySlice<Item>, of delivery: Delivery, _ outcome: inout ReceiveOutcome,
    _ tx: any StoreTransaction
  ) throws -> ArraySlice<Item> {
    var obstacles: [RecordRef: StoreObstacle] = [:]
    for item in items {
      if let ref = item.ref, let obstacle = tx.obstacle(to: ref) { obstacles[ref] = obstacle }
    }
    if obstacles.isEmpty { return items }
    var rest: [Item] = []
    for item in items {
      guard let ref = item.ref, let obstacle = obstacles[ref] else {
        rest.append(item)
        continue
      }
      let dot = item.firstDot
      try checkCatalog(obstacle, dot, of: delivery)
      outcome.refused += 1
      try tx.quarantine(
        QuarantinedItem(
          peer: delivery.peer, ref: ref, dot: dot, code: obstacle.code,
          detail: "\(ref) \(obstacle.words)",
          proof: dot.flatMap { delivery.pool.batch(of: $0).map(proof) }))
    }
    return rest[...]
  }

  /// Throws when the author knew a newer catalog than this node does, and the obstacle may be gone with it.
  func checkCatalog(
    _ obstacle: StoreObstacle, _ dot: Dot?, of delivery: Delivery
  ) throws(ParcelError) {
    guard obstacle.hangsOnCatalog, let dot, let epoch = delivery.pool[dot]?.catalogEpoch,
      epoch > catalogEpoch
    else { return }
    throw ParcelError(
      .unknownCatalog,
      "\(dot) was written under catalog \(epoch), this node has \(catalogEpoch)")
  }
}

extension Intake {
  /// What this store can never hold of a change; nil when it can hold all of it.
  func unholdable(_ change: Change, _ tx: any StoreTransaction) throws -> Refusal? {
    guard Change.times.contains(change.time) else {
      return Refusal(
        code: "invalid_time",
        detail: "\(change.dot) of \(change.ref) says it was made outside the years 1 to 9999",
        isAnswered: isFirstHop(of: change))
    }
    guard let (field, obstacle) = tx.obstacle(to: change.writes, of: change.ref.ledger) else {
      return nil
    }
    try replicator.checkCatalog(obstacle, change.dot, of: delivery)
    let emptied = change.writes.map {
      FieldWrite(field: $0.field, value: .null, rank: $0.rank, base: $0.base)
    }
    let isKnown = tx.obstacle(to: emptied, of: change.ref.ledger) == nil
    return Refusal(
      code: obstacle.code,
      detail: "\(change.dot) of \(change.ref): field \(field) \(obstacle.words)",
      isAnswered: isKnown && isFirstHop(of: change))
  }
}

extension Item {
  /// A dot that the item names; nil when it names none.
  fileprivate var firstDot: Dot? {
    switch self {
    case .change(_, let dot, _, _): dot
    case .state(_, let siblings, _, _): siblings.lazy.compactMap(\.dots.first).first
    case .withdrawal, .policy: nil
    }
  }
}
