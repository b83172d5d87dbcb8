import ReplicationCore
import ReplicationEngine
import SignedFeed
import Synchronization

/// What a fake node keeps: enough of a store for links, and no registers.
struct FakeState: Sendable {
  /// Records that are held, and how often each was taken in: more than once is a doubling.
  var held: [RecordRef: Int] = [:]
  /// Records that came by a catch-up, and not by the feed since.
  var told: Set<RecordRef> = []
  var captured: [RecordRef] = []
  var feed: [Lane: [Entry]] = [:]
  var firstKept: [Lane: UInt64] = [:]
  var links: [NodeID: LinkState] = [:]
  var chains: [Lane: ChainHead] = [:]
  var documents: [SignedDocument] = []
  var adoptedPolicy: UInt64 = 0
  var alarms: [Alarm] = []
  var quarantine: [QuarantinedItem] = []
  var archived: [HandoverItem] = []
  var transactions = 0
  /// The bulk positions that were acknowledged, each with what had been received from the peer when it became durable.
  var acknowledgedAt: [(next: UInt64, received: UInt64)] = []
}

/// A store in memory for the tests of links: copy on write, nothing stays of a body that throws.
final class FakeStore: ChangeStore, Sendable {
  private let committed = Mutex(FakeState())
  /// Makes a write slow: what a loaded database does.
  let delay: Mutex<Duration> = Mutex(.zero)
  /// Makes what a read has found come late.
  let answerDelay: Mutex<Duration> = Mutex(.zero)

  /// Which commits succeed and are told to have failed.
  let losesAnswer = Mutex<@Sendable (FakeState) -> Bool>({ _ in false })

  var state: FakeState { committed.withLock { $0 } }
  func edit(_ body: (inout FakeState) -> Void) { committed.withLock { body(&$0) } }

  func write<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T {
    let delay = delay.withLock { $0 }
    if delay > .zero { try await Task.sleep(for: delay) }
    return try committed.withLock { state in
      let tx = FakeTransaction(state)
      let result = try body(tx)
      tx.state.transactions += 1
      state = tx.state
      if losesAnswer.withLock({ $0(tx.state) }) { throw NotFaked() }
      return result
    }
  }

  func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T {
    let result = try body(FakeTransaction(state))
    let delay = answerDelay.withLock { $0 }
    if delay > .zero { try await Task.sleep(for: delay) }
    return result
  }
}

/// A call that links do not make.
struct NotFaked: Error {}

/// One transaction of `FakeStore`.
final class FakeTransaction: StoreTransaction {
  var state: FakeState
  init(_ state: FakeState) { self.state = state }

  func obstacle(to ref: RecordRef) -> StoreObstacle? { nil }
  func obstacle(to writes: [FieldWrite], of ledger: LedgerID) -> (FieldID, StoreObstacle)? { nil }
  func load(_ refs: [RecordRef], lock: Bool) throws -> LoadedRecords { throw NotFaked() }
  func save(
    _ records: [RecordRef: Record], creations: [Creation]
  ) throws -> Set<RecordRef> { throw NotFaked() }
  func scan(
    _ ledger: LedgerID, after key: String?, limit: Int
  ) throws -> [(RecordRef, Record)] { throw NotFaked() }
  func outlines(
    _ ledger: LedgerID, routing: [FieldID], near: [ClosedRange<DivisionCode>]?, after: String?,
    through: String?, limit: Int
  ) throws -> OutlineSlice { throw NotFaked() }
  func count(_ ledger: LedgerID) throws -> UInt64 {
    UInt64(state.held.keys.count { $0.ledger == ledger })
  }
  func count(_ ledger: LedgerID, through key: String) throws -> UInt64 {
    UInt64(state.held.keys.count { $0.ledger == ledger && $0 <= RecordRef(ledger, key) })
  }
  func takeCaptured(of refs: [RecordRef]?, limit: Int) throws -> [CapturedWrite] {
    throw NotFaked()
  }
  var mayLeaveCaptured: Bool { false }

  func nextPosition(_ lane: Lane) throws -> UInt64 { try feedBounds(lane).upperBound }
  func append(_ entries: [Entry], to lane: Lane) throws -> UInt64 {
    defer { state.feed[lane, default: []] += entries }
    return try nextPosition(lane)
  }
  func entries(_ lane: Lane, from position: UInt64, limit: Int) throws -> [(UInt64, Entry)] {
    let bounds = try feedBounds(lane)
    let from = max(position, bounds.lowerBound)
    guard from < bounds.upperBound, let feed = state.feed[lane] else { return [] }
    return feed[Int(from - bounds.lowerBound)...].prefix(limit).enumerated().map {
      (from + UInt64($0.offset), $0.element)
    }
  }
  func settledFrom(_ lane: Lane) throws -> UInt64 { 1 }
  func feedBounds(_ lane: Lane) throws -> Range<UInt64> {
    let first = state.firstKept[lane] ?? 1
    return first..<first + UInt64(state.feed[lane]?.count ?? 0)
  }
  func entries(
    of refs: Set<RecordRef>, in lane: Lane, from position: UInt64
  ) throws -> [(UInt64, Entry)] { throw NotFaked() }
  func policyEntries(_ lane: Lane, from position: UInt64) throws -> [(UInt64, Entry)] { [] }
  func trim(_ lane: Lane, below position: UInt64) throws {
    let bounds = try feedBounds(lane)
    guard position > bounds.lowerBound else { return }
    state.feed[lane]?.removeFirst(Int(min(position, bounds.upperBound) - bounds.lowerBound))
    state.firstKept[lane] = min(position, bounds.upperBound)
  }

  func keep(_ batches: [SignedBatch]) throws { throw NotFaked() }
  func batches(containing dots: Set<Dot>) throws -> [SignedBatch] { throw NotFaked() }
  func redact(_ values: [Dot: FieldSet]) throws { throw NotFaked() }
  func close(_ values: [Dot: FieldSet]) throws { throw NotFaked() }
  func headerEvidence(_ replica: Replica) throws -> UInt64 { 0 }
  func highestIncarnation(of node: NodeID) throws -> UInt32 { 0 }

  func chain(_ lane: Lane) throws -> ChainHead {
    state.chains[lane] ?? ChainHead(incarnation: 1, nextIndex: 1, previous: .zero)
  }
  func setChain(_ head: ChainHead, _ lane: Lane) throws { state.chains[lane] = head }
  func link(_ peer: NodeID) throws -> LinkState { state.links[peer] ?? LinkState() }
  func setLink(_ link: LinkState, _ peer: NodeID) throws { state.links[peer] = link }
  func peers() throws -> [NodeID] { state.links.keys.sorted() }

  func park(_ item: ParkedItem) throws { throw NotFaked() }
  func parked(of refs: Set<RecordRef>?, limit: Int) throws -> [ParkedItem] { [] }
  func unpark(_ ids: [UInt64]) throws { throw NotFaked() }
  func archive(_ items: [HandoverItem]) throws { state.archived += items }
  func archived(_ query: HandoverQuery) throws -> [HandoverItem] { [] }
  func noteAsked(_ ids: [UInt64], again: Int64) throws { throw NotFaked() }
  func noteExported(_ ids: [UInt64]) throws { throw NotFaked() }
  func settleArchived(_ ids: [UInt64]) throws { throw NotFaked() }
  func trimReceipts(before time: Int64) throws { throw NotFaked() }
  func forgetArchived(_ ids: [UInt64]) throws { throw NotFaked() }
  func handoverFigures() throws -> HandoverFigures { HandoverFigures() }
  func handoverKey(of node: NodeID) throws -> HandoverKey? { nil }
  func keepHandoverKey(_ key: HandoverKey) throws { throw NotFaked() }
  func quarantine(_ item: QuarantinedItem) throws { state.quarantine.append(item) }
  func noteArrivals(_ arrivals: [Arrival]) throws { throw NotFaked() }
  func forget(_ fields: [RecordRef: FieldSet]) throws { throw NotFaked() }
  func trimArrivals(keeping rows: Int, since time: Int64) throws {}
  func documents() throws -> [SignedDocument] {
    SignedDocument.Kind.allCases.compactMap { kind in
      state.documents.filter { $0.kind == kind }.max { $0.epoch < $1.epoch }
    }
  }
  func documents(_ kind: SignedDocument.Kind) throws -> [SignedDocument] {
    state.documents.filter { $0.kind == kind }.sorted { $0.epoch < $1.epoch }
  }
  func keepDocument(_ document: SignedDocument) throws { state.documents.append(document) }
  func keys(
    of ledger: LedgerID, routing: [FieldID], near homes: [ClosedRange<DivisionCode>],
    after key: String?, limit: Int
  ) throws -> [String] { throw NotFaked() }
  func adoptedPolicy() throws -> UInt64 { state.adoptedPolicy }
  func setAdoptedPolicy(_ epoch: UInt64) throws { state.adoptedPolicy = epoch }
  func raise(_ alarm: Alarm) throws { state.alarms.insert(alarm, at: 0) }
  func alarms() throws -> [Alarm] { state.alarms }
  func trimAlarms(before time: Int64) throws {}
  func signers() throws -> [SignerRecord] { [] }
  func keepSigner(_ signer: SignerRecord) throws { throw NotFaked() }
}
