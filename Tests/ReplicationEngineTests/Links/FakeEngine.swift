import ReplicationCore
import ReplicationEngine
import SignedFeed
import Synchronization

/// Rules of the simplest kind: every node may hold every record, a record is its key alone.
///
/// The links cannot tell: parcels, positions and catch-up are as they are with the real rules.
struct FakeEngine: LinkEngine {
  static let bulk = LedgerID(1)
  static let urgent = LedgerID(2)
  let node: NodeID
  var policyEpoch: UInt64 = 1
  /// The parcels that were opened: their signatures checked.
  let opened = Opened()

  /// What copies of an engine count together.
  final class Opened: Sendable {
    private let value = Mutex((count: 0, bytes: 0))
    var count: Int { value.withLock { $0.count } }
    var bytes: Int { value.withLock { $0.bytes } }
    func add(_ parcel: UnverifiedParcel) {
      value.withLock { value in
        value.count += 1
        value.bytes += Int(parcel.weight.bytes)
      }
    }
  }

  static func ledger(of lane: Lane) -> LedgerID { lane == .bulk ? bulk : urgent }

  func open(_ parcel: UnverifiedParcel, keys: LinkKeys) throws(LinkRefusal) -> OpenedParcel {
    opened.add(parcel)
    do throws(ParcelError) {
      return OpenedParcel(
        try parcel.verified(by: keys, authority: NoSigners()), bytes: Int(parcel.weight.bytes))
    } catch {
      throw LinkRefusal(error)
    }
  }

  func receive(
    _ parcel: OpenedParcel, from peer: NodeID, at moment: Moment, in tx: any StoreTransaction
  ) throws {
    guard let tx = tx as? FakeTransaction else { throw NotFaked() }
    let lane = parcel.lane
    var link = try tx.link(peer)
    for item in parcel.verified.parcel.items {
      guard let ref = item.ref else { continue }
      if case .feed = parcel.span {
        // What follows a catch-up may say again what a state told.
        if tx.state.told.remove(ref) != nil { continue }
        tx.state.held[ref, default: 0] += 1
      }
      if case .catchUp = parcel.span {
        if tx.state.held[ref] != nil { continue }
        tx.state.held[ref] = 1
        tx.state.told.insert(ref)
      }
      _ = try tx.append([.withdrawTo(ref, child: peer)], to: lane)
    }
    switch parcel.span {
    case .feed(_, let next): link[lane].received = next
    case .catchUp(let start, let last, _, _, let isComplete):
      link[lane].catchUpPosition = isComplete ? nil : start
      link[lane].catchUpLast = isComplete ? nil : last
      if isComplete { link[lane].received = start }
    }
    try tx.setLink(link, peer)
  }

  func project(
    to peer: NodeID, lane: Lane, from position: UInt64, resuming: RecordRef?,
    maximumBytes: Int, maximumEntries: Int, knownSigners: Set<Digest>,
    in tx: any StoreTransaction
  ) throws -> OutgoingParcel {
    var items: [Item] = []
    var next = position
    var bytes = 0
    for (at, entry) in try tx.entries(lane, from: position, limit: maximumEntries) {
      next = at + 1
      guard case .withdrawTo(let ref, let from) = entry, from != peer else { continue }
      items.append(.withdrawal(ref, fields: nil))
      bytes += ref.key.utf8.count + 8
      if bytes >= maximumBytes { break }
    }
    let archive =
      items.isEmpty ? [] : [ArchivedItem(ref: RecordRef(LedgerID(9), "\(position)"), payload: [])]
    return make(lane, .feed(from: position, next: next), items, archive)
  }

  func catchUp(
    to peer: NodeID, lane: Lane, start: UInt64, after: RecordRef?, done: UInt64,
    maximumBytes: Int, knownSigners: Set<Digest>, in tx: any StoreTransaction
  ) throws -> OutgoingParcel {
    guard let tx = tx as? FakeTransaction else { throw NotFaked() }
    let all = tx.state.held.keys.filter { $0.ledger == Self.ledger(of: lane) }.sorted()
    let rest = all.filter { ref in after.map { $0 < ref } ?? true }
    var items: [Item] = []
    var bytes = 0
    for ref in rest where bytes < maximumBytes {
      items.append(.withdrawal(ref, fields: nil))
      bytes += ref.key.utf8.count + 8
    }
    let isComplete = items.count == rest.count
    let done = UInt64(all.count - rest.count + items.count)
    return make(
      lane,
      .catchUp(
        start: start, last: items.last?.ref ?? after, done: done, total: UInt64(all.count),
        isComplete: isComplete),
      items, [])
  }

  private func make(
    _ lane: Lane, _ span: Parcel.Span, _ items: [Item], _ archive: [ArchivedItem]
  ) -> OutgoingParcel {
    let parcel = Parcel(lane: lane, span: span, policyEpoch: policyEpoch, items: items)
    return OutgoingParcel(parcel, archive: archive)
  }

  func acknowledged(
    by peer: NodeID, lane: Lane, next: UInt64, archive: [ArchivedItem]?,
    in tx: any StoreTransaction
  ) throws {
    var link = try tx.link(peer)
    link[lane].acknowledged = max(link[lane].acknowledged, next)
    if lane == .bulk, let tx = tx as? FakeTransaction {
      tx.state.acknowledgedAt.append((next, link[lane].received))
    }
    try tx.setLink(link, peer)
    try tx.archive(
      (archive ?? []).map {
        HandoverItem(
          ref: $0.ref, payload: [], contexts: [], proofs: [], isAskable: false, movedTo: nil,
          content: .plain([]))
      })
  }

  func seal(
    limit: Int, at moment: Moment, in tx: any StoreTransaction
  ) throws -> SealOutcome {
    guard let tx = tx as? FakeTransaction else { throw NotFaked() }
    let taken = Array(tx.state.captured.prefix(limit))
    var outcome = SealOutcome()
    tx.state.captured.removeFirst(taken.count)
    for ref in taken {
      tx.state.held[ref, default: 0] += 1
      let lane: Lane = ref.ledger == Self.bulk ? .bulk : .urgent
      outcome.lanes.insert(lane)
      _ = try tx.append([.withdrawTo(ref, child: node)], to: lane)
      var chain = try tx.chain(lane)
      chain.nextIndex += 1
      try tx.setChain(chain, lane)
    }
    outcome.taken = taken.count
    outcome.mayLeaveMore = taken.count >= limit
    return outcome
  }

  func succeed(from peer: NodeID?, at moment: Moment, in tx: any StoreTransaction) throws {
    try tx.setAdoptedPolicy(policyEpoch)
  }
  func retryParked(limit: Int, at moment: Moment, in tx: any StoreTransaction) throws -> Int { 0 }
  func trim(in tx: any StoreTransaction) throws {}
  func answer(
    _ inquiry: HandoverInquiry, of child: NodeID, in tx: any StoreTransaction
  ) throws -> HandoverVerdict { throw NotFaked() }
  func sealArchive(in tx: any StoreTransaction) throws {}
  func dueQuestions(
    at now: Int64, in tx: any StoreTransaction
  ) throws -> [(id: UInt64, group: HandoverInquiry.Group)] { [] }
  func takeIn(
    _ values: [HandedValues], at moment: Moment, in tx: any StoreTransaction
  ) throws -> HandoverOutcome { throw NotFaked() }

  func planWalks(_ candidate: any ViewPolicy, children: [NodeID]) -> [PlanWalk] { [] }
  func plan(
    _ walk: PlanWalk, _ candidate: any ViewPolicy, limit: Int, in tx: any StoreTransaction
  ) throws -> PlanWalk { throw NotFaked() }

  var catalogEpoch: UInt64 { 1 }
  func ledgersShared(with peer: NodeID) -> [LedgerID] { [] }
  func gate(with peer: NodeID, in ledger: LedgerID) -> FieldSet? { nil }
  func shares(
    with peer: NodeID, in range: KeyRange, limit: Int, tx: any StoreTransaction
  ) throws -> ShareSlice { throw NotFaked() }
  func details(
    of refs: [RecordRef], with peer: NodeID, since: LanePositions?, in tx: any StoreTransaction
  ) throws -> DetailSlice { throw NotFaked() }
  func answer(
    _ refs: [RecordRef], to peer: NodeID, in tx: any StoreTransaction
  ) throws -> Set<RecordRef> { throw NotFaked() }
  func setAside(
    _ theirs: [RecordDetail], from peer: NodeID, at moment: Moment, in tx: any StoreTransaction
  ) throws -> Int { throw NotFaked() }
}

/// Parcels of the fake carry no proofs.
struct NoSigners: SignerAuthority {
  func admit(_ chain: [[UInt8]]) throws -> SignerKey { throw NotFaked() }
}

/// Documents whose signature is the single byte 1; a policy makes a `FakeEngine`.
struct FakeDocuments: DocumentAuthority, DocumentAdoption {
  let node: NodeID
  func check(_ document: SignedDocument) throws {
    guard document.signature == [1] else { throw NotFaked() }
  }
  func adopt(_ documents: [SignedDocument]) async throws -> (any LinkEngine)? {
    guard let policy = documents.last(where: { $0.kind == .policy }),
      documents.contains(where: { $0.kind == .catalog })
    else { return nil }
    return FakeEngine(node: node, policyEpoch: policy.epoch)
  }

  static func document(
    _ kind: SignedDocument.Kind, epoch: UInt64 = 1, bytes: Int = 10, signature: UInt8 = 1
  ) -> SignedDocument {
    SignedDocument(
      kind: kind, epoch: epoch, body: Array(repeating: 7, count: bytes), signer: .zero,
      signature: [signature])
  }
}
