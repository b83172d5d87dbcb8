import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import SeededRandom

/// A policy under which everybody may hold everything, and a rule of the test's own says who may write what.
struct JudgedPolicy: SharingPolicy {
  /// Why an author may not write these fields of a record that stood and will stand there; nil when it may.
  typealias Rule =
    @Sendable (_ author: NodeID, _ fields: FieldSet, _ before: Routing, _ after: Routing) -> String?

  private let rule: Rule
  private let open = SimulationPolicy(epoch: 1)
  let epoch: UInt64
  let olderUntil: Int64?

  init(epoch: UInt64 = 1, olderUntil: Int64? = nil, _ rule: @escaping Rule) {
    self.rule = rule
    self.epoch = epoch
    self.olderUntil = olderUntil
  }

  func routingFields(of ledger: LedgerID) -> [FieldID] { open.routingFields(of: ledger) }
  func lane(of ledger: LedgerID) -> Lane { open.lane(of: ledger) }
  func fields(of node: NodeID, in ledger: LedgerID) -> FieldSet {
    open.fields(of: node, in: ledger)
  }
  func fields(of node: NodeID, in ledger: LedgerID, homes: [Home]) -> FieldSet {
    open.fields(of: node, in: ledger, homes: homes)
  }
  func isGated(from child: NodeID, to parent: NodeID, in ledger: LedgerID) -> Bool { false }
  func rank(of author: NodeID, field: FieldID, in ledger: LedgerID) -> UInt8 { 0 }
  func violation(
    by author: NodeID, in ledger: LedgerID, act: Act, before: Routing?, after: Routing
  ) -> String? {
    var fields = act.written
    if act.creates || act.deletes { fields.insert(before == nil ? SimulationPolicy.home : .alive) }
    if !act.verified.isEmpty { fields.insert(.verified) }
    return rule(author, fields, before ?? .notHeld, after)
  }
}

extension VerifiedParcel {
  /// A parcel of one feed position; each list of changes is a batch of its own, sealed with a new key.
  static func sealed(
    _ batches: [[Change]], _ items: [Item], from position: UInt64 = 1, previous: Digest = .zero,
    time: Int64 = 1, policyEpoch: UInt64 = 1
  ) throws -> VerifiedParcel {
    var rng = SplitMix64(seed: 3)
    let evidence = try batches.map { changes in
      try SignedBatch.seal(
        changes, order: changes.map { _ in "" }, previous: previous,
        policyEpoch: policyEpoch,
        catalogEpoch: 1, time: time, isAdjusted: false, signer: Ed25519Signer(), using: &rng)
    }
    return VerifiedParcel(
      trusting: Parcel(
        lane: .bulk, span: .feed(from: position, next: position + 1), policyEpoch: 1, items: items,
        evidence: evidence))
  }
}

extension SimulatedNode {
  /// Takes a parcel in, as the link with `peer` would.
  ///
  /// `acknowledged`: up to where the peer has acknowledged this node's feed; nil: as it stands.
  func receive(
    _ parcel: VerifiedParcel, from peer: NodeID, acknowledged: UInt64? = nil
  ) throws -> ReceiveOutcome {
    var rng = SplitMix64(seed: 5)
    return try store.writeNow { tx in
      if let acknowledged {
        var link = try tx.link(peer)
        link.bulk.acknowledged = acknowledged
        try tx.setLink(link, peer)
      }
      return try replicator.receive(parcel, from: peer, tx, at: Moment(now: 9), using: &rng)
    }
  }
}
