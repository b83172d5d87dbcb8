package import ReplicationCore

/// What this node holds of a ledger and what a planned policy changes of it for one peer, or for the node itself: a walk in short steps.
package struct PlanWalk: Sendable {
  /// For whom it counts; this node itself: what it gives up.
  package let receiver: NodeID
  package let ledger: LedgerID
  /// What was found since it was last taken.
  package private(set) var found: [PlanFlow: PlanTally] = [:]
  /// Records that were looked at.
  package private(set) var looked: UInt64 = 0
  package private(set) var isAtEnd = false

  private var records: RecordWalk
  private var last: String?

  init(receiver: NodeID, ledger: LedgerID, records: RecordWalk) {
    self.receiver = receiver
    self.ledger = ledger
    self.records = records
  }

  /// What was found since the last time.
  package mutating func taken() -> [PlanFlow: PlanTally] {
    defer { found = [:] }
    return found
  }

  mutating func step(
    _ limit: Int, _ tx: any StoreTransaction,
    _ count: (Record) -> [(PlanFlow, PlanTally)]
  ) throws {
    let slice = try records.next(after: last, limit: limit, tx)
    looked += UInt64(slice.count)
    for (_, record) in slice {
      for (flow, tally) in count(record) { found[flow, default: PlanTally()].add(tally) }
    }
    last = slice.last?.0.key
    isAtEnd = slice.isEmpty
  }
}

extension Replicator {
  /// The walks that together count what another policy would change at this node; `children`: whose links to count beside the parent's.
  package func planWalks(_ candidate: any ViewPolicy, children: [NodeID]) -> [PlanWalk] {
    var walks: [PlanWalk] = []
    for receiver in children + [parent].compactMap(\.self) + [node] {
      for ledger in ledgers.sorted() {
        let difference = difference(candidate, for: receiver, in: ledger)
        if difference == .none { continue }
        walks.append(
          PlanWalk(
            receiver: receiver, ledger: ledger,
            records: RecordWalk(ledger, difference, routing: policy.routingFields(of: ledger))))
      }
    }
    return walks
  }

  /// Which records another policy may show otherwise.
  private func difference(
    _ candidate: any ViewPolicy, for receiver: NodeID, in ledger: LedgerID
  ) -> ViewDifference {
    if receiver == node {
      let kept = candidate.fields(of: node, in: ledger)
      return policy.fields(of: node, in: ledger).isSubset(of: kept) ? .none : .all
    }
    let isUp = receiver == parent
    if isUp {
      let isGated = candidate.isGated(from: node, to: receiver, in: ledger)
      if isGated != policy.isGated(from: node, to: receiver, in: ledger) { return .all }
    }
    return candidate.difference(from: policy, for: receiver, in: ledger, isUp: isUp)
  }

  /// Goes on with a walk, over at most `limit` records.
  package func plan(
    _ walk: inout PlanWalk, _ candidate: any ViewPolicy, limit: Int, _ tx: any StoreTransaction
  ) throws {
    let (receiver, ledger) = (walk.receiver, walk.ledger)
    if receiver == node {
      let own = OwnLoss(node: node, parent: parent, policy: policy)
      return try walk.step(limit, tx) { record in
        let (homes, tallies) = own.loss(under: candidate, record, in: ledger)
        return tallies.map { sender, tally in
          (PlanFlow(sender: sender, receiver: node, ledger: ledger, homes: homes), tally)
        }
      }
    }
    let projector = projector(to: receiver)
    let known = projector.ledger(ledger)
    try walk.step(limit, tx) { record in
      guard let (homes, tally) = projector.change(under: candidate, record, known) else {
        return []
      }
      return [(PlanFlow(sender: node, receiver: receiver, ledger: ledger, homes: homes), tally)]
    }
  }
}
