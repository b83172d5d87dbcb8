package import ReplicationCore
package import SignedFeed

/// Values of one record that came out of a hand-over: their authors' signatures were checked.
package struct HandedValues: Sendable {
  package let ref: RecordRef
  package let payload: [FieldDots]
  package let evidence: [SignedBatch]

  package init(ref: RecordRef, payload: [FieldDots], evidence: [SignedBatch]) {
    self.ref = ref
    self.payload = payload
    self.evidence = evidence
  }
}

/// What became of handed-over values, by record.
package struct HandoverOutcome: Sendable, Hashable {
  /// Something new was taken in.
  package var taken: [RecordRef] = []
  /// All of it was here already.
  package var known: [RecordRef] = []
  /// The record has not come here.
  package var absent: [RecordRef] = []
  /// This node may hold none of the fields for the record's home.
  package var outside: [RecordRef] = []
  /// The author was not allowed to write a value: it is in quarantine.
  package var refused: [RecordRef] = []
  /// An application holds the record: it is taken in when that is over.
  package var waiting: [RecordRef] = []
  package init() {}
}

extension Replicator {
  /// Takes handed-over values into records that are here, or that went on from here, as payload: they go on to all peers that may see them.
  ///
  /// Doing it twice does nothing the second time.
  package func takeIn(
    _ values: [HandedValues], _ tx: any StoreTransaction, at moment: Moment,
    using rng: inout some RandomNumberGenerator
  ) throws -> HandoverOutcome {
    var outcome = HandoverOutcome()
    for value in values { try takeIn(value, &outcome, tx, moment, &rng) }
    return outcome
  }

  private func takeIn(
    _ value: HandedValues, _ outcome: inout HandoverOutcome, _ tx: any StoreTransaction,
    _ moment: Moment, _ rng: inout some RandomNumberGenerator
  ) throws {
    let ref = value.ref
    let record = try tx.load([ref], lock: false).records[ref] ?? Record()
    let routing = policy.routingFields(of: ref.ledger)
    guard record.departed != nil || !record.routing(by: routing).codes.isEmpty else {
      return outcome.absent.append(ref)
    }
    let allowed =
      record.departed != nil
      ? policy.fields(of: node, in: ref.ledger)
      : policy.fields(of: node, in: ref.ledger, homes: record.routing(by: routing).homes)
    // What is handed over is unmasked: what this node may see only masked comes by its links.
    let mine = allowed.subtracting(
      ownMasks(of: ref.ledger, homes: record.routing(by: routing).homes).fields)
    let payload = value.payload.filter { mine.contains($0.field) }
    guard !payload.isEmpty else { return outcome.outside.append(ref) }
    let isKnown = payload.allSatisfy { entry in
      entry.dots.allSatisfy { record[entry.field].covers($0) }
    }
    if isKnown { return outcome.known.append(ref) }
    let lane = policy.lane(of: ref.ledger)
    var demand = EvidenceDemand()
    demand.add(payload)
    var delivery = Delivery(
      peer: node, lane: lane, acknowledged: try tx.feedBounds(lane).upperBound,
      pool: EvidencePool(demand.prune(value.evidence)))
    var received = ReceiveOutcome(position: 0)
    try dropEquivocations(&delivery, &received, tx)
    let item = Item.state(
      ref, siblings: payload, view: FieldSet(payload.map(\.field)), payload: true)
    try take([item], of: delivery, &received, tx, moment, &rng)
    if received.refused > 0 {
      outcome.refused.append(ref)
    } else if received.parked > 0 {
      outcome.waiting.append(ref)
    } else {
      outcome.taken.append(ref)
    }
  }
}
