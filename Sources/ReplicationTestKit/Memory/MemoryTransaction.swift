package import ReplicationCore
package import ReplicationEngine
package import SignedFeed

/// A transaction of a memory store: works on a copy of the state.
package final class MemoryTransaction: StoreTransaction {
  var state: MemoryState
  private var callsLeft: Int?
  private var locked = Set<RecordRef>()
  package private(set) var mayLeaveCaptured = false

  init(_ state: MemoryState, callsLeft: Int?) {
    self.state = state
    self.callsLeft = callsLeft
  }

  func call() throws {
    guard let left = callsLeft else { return }
    if left <= 0 { throw MemoryCrash() }
    callsLeft = left - 1
  }

  /// One call of the port that changes the state.
  func mutate(_ change: (inout MemoryState) -> Void) throws {
    try call()
    change(&state)
  }

  package func obstacle(to ref: RecordRef) -> StoreObstacle? { nil }

  package func obstacle(
    to writes: [FieldWrite], of ledger: LedgerID
  ) -> (FieldID, StoreObstacle)? {
    for write in writes {
      let fault = write.value.fault.map { StoreObstacle.fault($0) }
      if let obstacle = write.value.obstacle(inExistence: write.field) ?? fault {
        return (write.field, obstacle)
      }
    }
    return nil
  }

  package func load(_ refs: [RecordRef], lock: Bool) throws -> LoadedRecords {
    try call()
    var result = LoadedRecords()
    for ref in refs {
      if lock, state.busy.contains(ref) {
        result.busy.insert(ref)
      } else if let record = state.records[ref] {
        result.records[ref] = record
      }
      if lock { locked.insert(ref) }
    }
    return result
  }

  package func save(
    _ records: [RecordRef: Record], creations: [Creation]
  ) throws -> Set<RecordRef> {
    try call()
    for creation in creations {
      let ref = creation.ref
      precondition(locked.contains(ref), "\(ref) is saved and was not loaded with lock")
      precondition(state.records[ref] == nil && records[ref] == nil, "\(ref) is known already")
      state.records[ref] = creation.record
    }
    for (ref, record) in records {
      precondition(locked.contains(ref), "\(ref) is saved and was not loaded with lock")
      state.records[ref] = record
    }
    return []
  }

  package func scan(
    _ ledger: LedgerID, after key: String?, limit: Int
  ) throws -> [(RecordRef, Record)] {
    try call()
    return state.records
      .filter { ref, _ in
        ref.ledger == ledger && key.map { RecordRef(ledger, $0) < ref } ?? true
      }
      .sorted { $0.key < $1.key }.prefix(limit).map { ($0.key, $0.value) }
  }

  package func keys(
    of ledger: LedgerID, routing: [FieldID], near homes: [ClosedRange<DivisionCode>],
    after key: String?, limit: Int
  ) throws -> [String] {
    try call()
    return state.records
      .filter { ref, record in
        ref.ledger == ledger && key.map { RecordRef(ledger, $0) < ref } ?? true && record.isHeld
          && record.routing(by: routing).codes.contains { code in
            homes.contains { $0.contains(code) }
          }
      }
      .keys.sorted().prefix(limit).map(\.key)
  }

  package func outlines(
    _ ledger: LedgerID, routing: [FieldID], near: [ClosedRange<DivisionCode>]?, after: String?,
    through: String?, limit: Int
  ) throws -> OutlineSlice {
    try call()
    let first = after.map { RecordRef(ledger, $0) }
    let last = through.map { RecordRef(ledger, $0) }
    let found = state.records
      .filter { ref, _ in
        ref.ledger == ledger && first.map { $0 < ref } ?? true && last.map { !($0 < ref) } ?? true
      }
      .sorted { $0.key < $1.key }
    let slice = found.prefix(limit)
    return OutlineSlice(
      slice.map { ($0.key.key, RecordOutline($0.value, routing: routing)) },
      next: found.count > limit ? slice.last?.key.key : nil)
  }

  package func count(_ ledger: LedgerID) throws -> UInt64 {
    try call()
    return UInt64(state.records.count { $0.key.ledger == ledger && $0.value.isHeld })
  }

  package func count(_ ledger: LedgerID, through key: String) throws -> UInt64 {
    try call()
    let last = RecordRef(ledger, key)
    return UInt64(
      state.records.count { ref, record in
        ref.ledger == ledger && ref <= last && record.isHeld
      })
  }

  package func takeCaptured(of refs: [RecordRef]?, limit: Int) throws -> [CapturedWrite] {
    try call()
    if state.captured.isEmpty { return [] }
    let wanted = refs.map(Set.init)
    var taken: [CapturedWrite] = []
    var left: [CapturedWrite] = []
    for write in state.captured {
      let isWanted = wanted?.contains(write.ref) ?? true
      if isWanted, taken.count < limit, !state.busy.contains(write.ref) {
        taken.append(write)
      } else {
        left.append(write)
      }
    }
    state.captured = left
    if refs == nil { mayLeaveCaptured = taken.count >= limit }
    return taken
  }

  package func nextPosition(_ lane: Lane) throws -> UInt64 {
    try call()
    return feed(lane).next
  }

  package func append(_ entries: [Entry], to lane: Lane) throws -> UInt64 {
    try call()
    let first = feed(lane).next
    state.feeds[lane, default: MemoryFeed()].entries += entries
    return first
  }

  package func entries(
    _ lane: Lane, from position: UInt64, limit: Int
  ) throws -> [(UInt64, Entry)] {
    try call()
    return kept(lane, from: position).prefix(limit).map { $0 }
  }

  package func settledFrom(_ lane: Lane) throws -> UInt64 {
    try call()
    let feed = feed(lane)
    let last = feed.entries.lastIndex(where: \.unsettlesEarlier)
    return last.map { feed.first + UInt64($0) + 1 } ?? feed.first
  }

  package func feedBounds(_ lane: Lane) throws -> Range<UInt64> {
    try call()
    return feed(lane).first..<feed(lane).next
  }

  package func entries(
    of refs: Set<RecordRef>, in lane: Lane, from position: UInt64
  ) throws -> [(UInt64, Entry)] {
    try call()
    return kept(lane, from: position).filter { $0.1.ref.map(refs.contains) ?? false }
  }

  package func policyEntries(
    _ lane: Lane, from position: UInt64
  ) throws -> [(UInt64, Entry)] {
    try call()
    return kept(lane, from: position).filter { $0.1.ref == nil }
  }

  package func trim(_ lane: Lane, below position: UInt64) throws {
    try call()
    var feed = self.feed(lane)
    guard position > feed.first else { return }
    feed.entries.removeFirst(Int(min(position, feed.next) - feed.first))
    feed.first = min(position, self.feed(lane).next)
    state.feeds[lane] = feed
  }

  private func feed(_ lane: Lane) -> MemoryFeed { state.feeds[lane] ?? MemoryFeed() }

  private func kept(_ lane: Lane, from position: UInt64) -> [(UInt64, Entry)] {
    let feed = self.feed(lane)
    let start = max(position, feed.first)
    guard start < feed.next else { return [] }
    return feed.entries[Int(start - feed.first)...].enumerated()
      .map { (start + UInt64($0.offset), $0.element) }
  }

  package func keep(_ batches: [SignedBatch]) throws {
    try call()
    for batch in batches {
      let replica = batch.header.replica
      var list = state.batches[replica] ?? []
      let at = list.firstIndex { $0.header.firstIndex >= batch.header.firstIndex } ?? list.endIndex
      if at < list.endIndex, list[at].digest == batch.digest {
        list[at] = try list[at].merged(with: batch)
      } else {
        list.insert(batch, at: at)
      }
      state.batches[replica] = list
      state.evidence[replica] = max(state.evidence[replica] ?? 0, batch.header.lastIndex)
    }
  }

  package func batches(containing dots: Set<Dot>) throws -> [SignedBatch] {
    try call()
    var found: [Replica: Set<Int>] = [:]
    for dot in dots {
      guard let list = state.batches[dot.replica] else { continue }
      for (i, batch) in list.enumerated() where batch.header.indexes.contains(dot.index) {
        found[dot.replica, default: []].insert(i)
      }
    }
    return found.sorted { $0.key < $1.key }.flatMap { replica, indexes in
      indexes.sorted().compactMap { state.batches[replica]?[$0] }
    }
  }

  package func redact(_ values: [Dot: FieldSet]) throws {
    try call()
    var gone: [Replica: [UInt64: FieldSet]] = [:]
    for (dot, fields) in values { gone[dot.replica, default: [:]][dot.index] = fields }
    for (replica, indexes) in gone {
      let list = (state.batches[replica] ?? []).map { $0.redacting(indexes) }
      state.batches[replica] = list.enumerated()
        .filter { !$0.element.isHeaderOnly || $0.offset == list.count - 1 }.map(\.element)
    }
  }

  package func close(_ values: [Dot: FieldSet]) throws {
    try call()
    var closed: [Replica: [UInt64: FieldSet]] = [:]
    for (dot, fields) in values { closed[dot.replica, default: [:]][dot.index] = fields }
    for (replica, indexes) in closed {
      state.batches[replica] = (state.batches[replica] ?? []).map { $0.closing(indexes) }
    }
  }

  package func headerEvidence(_ replica: Replica) throws -> UInt64 {
    try call()
    return state.evidence[replica] ?? 0
  }

  package func highestIncarnation(of node: NodeID) throws -> UInt32 {
    try call()
    return state.batches.filter { $0.key.node == node && !$0.value.isEmpty }
      .map(\.key.incarnation).max() ?? 0
  }

  package func chain(_ lane: Lane) throws -> ChainHead {
    try call()
    return state.chains[lane] ?? ChainHead(incarnation: 1, nextIndex: 1, previous: .zero)
  }

  package func setChain(_ head: ChainHead, _ lane: Lane) throws {
    try call()
    state.chains[lane] = head
  }

  package func link(_ peer: NodeID) throws -> LinkState {
    try call()
    return state.links[peer] ?? LinkState()
  }

  package func setLink(_ link: LinkState, _ peer: NodeID) throws {
    try call()
    state.links[peer] = link
  }

  package func peers() throws -> [NodeID] {
    try call()
    return state.links.keys.sorted()
  }

  package func park(_ item: ParkedItem) throws {
    try call()
    state.parked.append(
      ParkedItem(
        id: state.nextParked, peer: item.peer, item: item.item,
        acknowledged: item.acknowledged))
    state.nextParked += 1
  }

  package func parked(of refs: Set<RecordRef>?, limit: Int) throws -> [ParkedItem] {
    try call()
    guard let refs else {
      var chosen = Set<RecordRef>()
      for ref in state.parked.lazy.compactMap(\.item.ref) where chosen.count < limit {
        chosen.insert(ref)
      }
      return state.parked.filter { $0.item.ref.map(chosen.contains) ?? false }
    }
    let found = state.parked.filter { $0.item.ref.map(refs.contains) ?? false }
    return Array(found.prefix(limit))
  }

  package func unpark(_ ids: [UInt64]) throws {
    try call()
    let gone = Set(ids)
    state.parked.removeAll { gone.contains($0.id) }
  }

  package func quarantine(_ item: QuarantinedItem) throws {
    try call()
    state.quarantine.append(item)
  }

  package func signers() throws -> [SignerRecord] {
    try call()
    return state.signers
  }

  package func keepSigner(_ signer: SignerRecord) throws {
    try call()
    if !state.signers.contains(where: { $0.fingerprint == signer.fingerprint }) {
      state.signers.append(signer)
    }
  }
}
