import ReplicationCore

extension Replicator {
  /// The records of own changes that the parent has placed elsewhere, as far as it knows, while they are held here as before.
  ///
  /// A withdrawal, a state or a change of a home of its waits here for the row, and was acknowledged: so it takes it for done, and would
  /// judge what this node wrote by a home that this node has not heard of. As payload it is judged by the author's own division.
  func displaced(
    in entries: [(UInt64, Entry)], by peer: NodeID, _ tx: any StoreTransaction
  ) throws -> Set<RecordRef> {
    guard peer == parent else { return [] }
    var refs = Set<RecordRef>()
    for (_, entry) in entries {
      if case .change(let ref, _, _, _, _, .own) = entry { refs.insert(ref) }
    }
    if refs.isEmpty { return [] }
    let parked = try tx.parked(of: refs, limit: .max).filter { $0.peer == peer }
    return Set(parked.lazy.filter { self.mayDisplace($0.item) }.compactMap(\.item.ref))
  }

  /// Drops the parent's withdrawals of records that wait for a row which an application has moved meanwhile.
  ///
  /// The move goes up as the record's state, values that were to be given up among them, and the parent takes it for what stands here.
  /// So it is: where the record is outside this node's view, the parent answers a state with a withdrawal; else all of it stays.
  func forgetWithdrawals(of refs: Set<RecordRef>, _ tx: any StoreTransaction) throws {
    if refs.isEmpty { return }
    let waiting = try tx.parked(of: refs, limit: .max).filter { parked in
      guard case .withdrawal(_, nil) = parked.item else { return false }
      return parked.peer == parent
    }
    if !waiting.isEmpty { try tx.unpark(waiting.map(\.id)) }
  }

  /// Whether an item of the parent's may say that its record belongs elsewhere.
  private func mayDisplace(_ item: Item) -> Bool {
    switch item {
    case .withdrawal, .state: true
    case .change(let ref, _, let fields, _):
      policy.routingFields(of: ref.ledger).contains(where: fields.contains)
    case .policy: false
    }
  }
}

extension Item {
  /// A change as a node sends it that does not hold the record; others as they are.
  var asPayload: Item {
    guard case .change(let ref, let dot, let fields, _) = self else { return self }
    return .change(ref, dot: dot, fields: fields, payload: true)
  }
}
