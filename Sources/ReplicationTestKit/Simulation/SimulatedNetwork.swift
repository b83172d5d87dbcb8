package import ReplicationCore
import ReplicationEngine
package import SignedFeed
package import SeededRandom

/// Links of a simulation: FIFO queues that are cut with all that is in them, and resend from the receiver's position.
package final class SimulatedNetwork {
  /// What lies in a queue.
  enum Frame {
    case parcel(Parcel)
    case acknowledgement(Lane, UInt64)
  }

  struct Edge: Hashable {
    let from: NodeID
    let to: NodeID
  }

  package let nodes: [NodeID: SimulatedNode]
  package let links: [(child: NodeID, parent: NodeID)]
  package let shelf: MemoryShelf
  package var rng: SplitMix64
  package var now: Int64 = 1_000_000
  /// Parcels are encoded, decoded and their signatures checked.
  package var isVerifying = false
  /// What an author signed, for the checks; nil: not known.
  var journaled: ((Dot) -> Change?)?
  /// Called with every step when a history is to be read; nil: silent.
  package var trace: ((String) -> Void)?
  /// What went wrong on the way.
  package var faults: [SimulationFault] = []
  private var queues: [Edge: [Frame]] = [:]
  private var up = Set<Edge>()
  package let directory: SimulationDirectory

  package init(tree: SimulationTree, policy: any SharingPolicy, seed: UInt64) {
    let shelf = MemoryShelf([policy])
    self.shelf = shelf
    links = tree.links
    rng = SplitMix64(seed: seed)
    var nodes: [NodeID: SimulatedNode] = [:]
    for id in tree.nodes {
      nodes[id] = SimulatedNode(id: id, parent: tree.parents[id], policy: policy, shelf: shelf)
    }
    self.nodes = nodes
    directory = SimulationDirectory(nodes)
    for (child, parent) in links {
      heal(child, parent)
    }
  }

  package func node(_ id: NodeID) -> SimulatedNode {
    guard let node = nodes[id] else { preconditionFailure("no node \(id)") }
    return node
  }

  package func isUp(_ a: NodeID, _ b: NodeID) -> Bool { up.contains(Edge(from: a, to: b)) }

  /// Cuts a link: all that is under way is lost.
  package func cut(_ a: NodeID, _ b: NodeID) {
    trace?("cut \(a) \(b)")
    for edge in [Edge(from: a, to: b), Edge(from: b, to: a)] {
      up.remove(edge)
      queues[edge] = []
      node(edge.from).archived[edge.to] = nil
      node(edge.from).resume[edge.to] = nil
    }
  }

  /// The process of a node died: its links are cut, what it remembered is gone.
  package func kill(_ id: NodeID) {
    for (child, parent) in links where child == id || parent == id { cut(child, parent) }
    node(id).forgetProcess()
  }

  /// Brings a link up: hellos, positions, and the catch-ups by state that are owed.
  package func heal(_ a: NodeID, _ b: NodeID) {
    guard !isUp(a, b) else { return }
    let edges = [Edge(from: a, to: b), Edge(from: b, to: a)]
    trace?("heal \(a) \(b)")
    for edge in edges { up.insert(edge) }
    attempt(a) { try greet(b, at: a) }
    attempt(b) { try greet(a, at: b) }
    adoptParentsPolicy(a, b)
    for edge in edges where isUp(a, b) {
      attempt(edge.from) { try open(edge) }
    }
  }

  /// Runs what happens in a process; a crash ordered of its store kills it.
  package func attempt(_ id: NodeID, _ body: () throws -> Void) {
    do {
      try body()
    } catch is MemoryCrash {
      trace?("crash \(id)")
      kill(id)
    } catch {
      faults.append(SimulationFault("ERROR", "\(id): \(error)"))
      kill(id)
    }
  }

  private func greet(_ peer: NodeID, at id: NodeID) throws {
    let me = node(id)
    let incarnation = node(peer).incarnation
    let replicator = me.replicator
    _ = try me.store.writeNow { tx in
      try replicator.greet(peer, incarnation: incarnation, tx)
    }
  }

  /// A child with an older policy gets the parent's before anything else.
  private func adoptParentsPolicy(_ a: NodeID, _ b: NodeID) {
    let (child, parent) = node(a).replicator.parent == b ? (a, b) : (b, a)
    let isOwed = node(child).store.snapshot.links[parent]?.bulk.catchUpPosition != nil
    guard isOwed || rng.chance(0.5) else { return }
    let epoch = node(parent).replicator.policy.epoch
    if epoch > node(child).replicator.policy.epoch {
      attempt(child) { try adopt(epoch, at: child, from: .link(parent)) }
    }
  }

  /// Adopts a policy in a transaction of its own.
  package func adopt(_ epoch: UInt64, at id: NodeID, from side: Side) throws {
    let me = node(id)
    let now = now
    var draw = rng
    let start = me.replicator
    let (adopted, used) = try me.store.writeNow { tx in
      var replicator = start
      try replicator.adopt(epoch, from: side, tx, at: Moment(now: now), using: &draw)
      return (replicator, draw)
    }
    rng = used
    me.replicator = adopted
  }

  /// The sender's half of a hello: an acknowledgement that was lost, the catch-up that is owed, the position to go on from.
  private func open(_ edge: Edge) throws {
    let sender = node(edge.from)
    let theirs = node(edge.to).store.snapshot.links[edge.from] ?? LinkState()
    for lane in Lane.allCases {
      let state = theirs[lane]
      let replicator = sender.replicator
      if state.catchUpPosition == nil {
        try sender.store.writeNow { tx in
          try replicator.acknowledged(
            nil, by: edge.to, lane, position: state.received, tx)
        }
        sender.sent[edge.to, default: [:]][lane] = state.received
      } else {
        try catchUp(edge, lane, state)
      }
    }
  }

  private func catchUp(_ edge: Edge, _ lane: Lane, _ state: LaneState) throws {
    let sender = node(edge.from)
    let snapshot = sender.store.snapshot
    let acknowledged = snapshot.links[edge.to]?[lane].acknowledged ?? 1
    var start = max(acknowledged, snapshot.feeds[lane]?.first ?? 1)
    var last: RecordRef?
    if let begun = state.catchUpPosition, begun > 0, begun <= snapshot.feeds[lane]?.next ?? 1 {
      start = begun
      last = state.catchUpLast
    }
    while true {
      let replicator = sender.replicator
      let (from, after) = (start, last)
      let projection = try sender.store.readNow { tx in
        try replicator.catchUp(
          to: edge.to, lane: lane, after: after, start: from, maximumBytes: 400, tx)
      }
      let parcel = put(projection, on: edge)
      guard case .catchUp(_, let end, _, _, let isComplete) = parcel.span, !isComplete else {
        break
      }
      last = end
    }
    sender.sent[edge.to, default: [:]][lane] = start
  }

  /// Projects up to `entries` entries of each lane to a peer and puts them on the link; returns whether anything was sent.
  @discardableResult
  package func pump(_ from: NodeID, _ to: NodeID, entries: Int) -> Bool {
    guard isUp(from, to) else { return false }
    var isBusy = false
    for lane in [Lane.urgent, .bulk] {
      attempt(from) { if try pump(Edge(from: from, to: to), lane, entries) { isBusy = true } }
    }
    return isBusy
  }

  private func pump(_ edge: Edge, _ lane: Lane, _ entries: Int) throws -> Bool {
    guard isUp(edge.from, edge.to) else { return false }
    let sender = node(edge.from)
    let position = sender.sent[edge.to]?[lane] ?? 1
    let resume = sender.resume[edge.to]?[lane]
    let replicator = sender.replicator
    let projection = try sender.store.readNow { tx in
      try replicator.project(
        to: edge.to, lane: lane, from: position, maximumBytes: 2000, maximumEntries: entries,
        resuming: resume, tx)
    }
    guard !projection.parcel.isEmpty, case .feed(_, let next) = put(projection, on: edge).span
    else { return false }
    sender.sent[edge.to, default: [:]][lane] = next
    sender.resume[edge.to, default: [:]][lane] = projection.resume
    sender.archived[edge.to, default: [:]][lane, default: []].append((next, projection.archived))
    return true
  }

  /// Puts all parcels of a projection on the link; returns the last, which moves the position.
  private func put(_ projection: Projection, on edge: Edge) -> Parcel {
    let parcels = [projection.parcel] + projection.rest
    for parcel in parcels {
      inspect(parcel, edge)
      queues[edge, default: []].append(.parcel(parcel))
    }
    return parcels[parcels.count - 1]
  }

  /// Delivers the oldest frame; returns whether there was one.
  @discardableResult
  package func deliver(_ from: NodeID, _ to: NodeID) -> Bool {
    let edge = Edge(from: from, to: to)
    guard isUp(from, to), let frame = queues[edge]?.first else { return false }
    queues[edge]?.removeFirst()
    switch frame {
    case .acknowledgement(let lane, let position):
      attempt(to) { try acknowledged(by: from, at: to, lane, position) }
    case .parcel(let parcel):
      attempt(to) { try receive(parcel, edge) }
    }
    return true
  }

  /// Lets the acknowledgements on a link overtake the parcels: what no link may do.
  package func overtake(_ from: NodeID, _ to: NodeID) {
    let edge = Edge(from: from, to: to)
    let frames = queues[edge] ?? []
    func isParcel(_ frame: Frame) -> Bool { if case .parcel = frame { true } else { false } }
    queues[edge] = frames.filter { !isParcel($0) } + frames.filter(isParcel)
  }

  private func acknowledged(
    by peer: NodeID, at id: NodeID, _ lane: Lane, _ position: UInt64
  ) throws {
    let me = node(id)
    let waiting = me.archived[peer]?[lane] ?? []
    let items = waiting.filter { $0.0 <= position }.flatMap(\.1)
    me.archived[peer]?[lane] = waiting.filter { $0.0 > position }
    let replicator = me.replicator
    try me.store.writeNow { tx in
      try replicator.acknowledged(items, by: peer, lane, position: position, tx)
    }
  }

  private func receive(_ parcel: Parcel, _ edge: Edge) throws {
    let me = node(edge.to)
    let verified: VerifiedParcel
    if isVerifying {
      verified = try UnverifiedParcel(decoding: parcel.encoded())
        .verified(by: directory, authority: NoAuthority())
      if verified.parcel != parcel {
        faults.append(SimulationFault("ENCODING", "a parcel of \(edge.from) decodes to another"))
      }
    } else {
      verified = VerifiedParcel(trusting: parcel)
    }
    let replicator = me.replicator
    let now = now
    var draw = rng
    let (outcome, used) = try me.store.writeNow { tx in
      (
        try replicator.receive(
          verified, from: edge.from, tx, at: Moment(now: now), using: &draw), draw
      )
    }
    rng = used
    trace?(
      "\(edge.from) -> \(edge.to) \(parcel.span) \(parcel.items) parked \(outcome.parked)")
    if let epoch = outcome.adopted, let policy = shelf.policy(epoch) {
      me.replicator.policy = policy
    }
    if outcome.refused > 0 {
      let last = me.store.snapshot.quarantine.last
      faults.append(SimulationFault("REFUSED", "\(last?.code ?? ""): \(last?.detail ?? "")"))
    }
    queues[Edge(from: edge.to, to: edge.from), default: []]
      .append(.acknowledgement(parcel.lane, outcome.position))
  }

  /// No byte outside the receiver's view may leave.
  private func inspect(_ parcel: Parcel, _ edge: Edge) {
    let sender = node(edge.from)
    let policy = sender.replicator.policy
    let records = sender.store.snapshot.records
    func allowed(_ ref: RecordRef) -> FieldSet {
      let homes = records[ref]?.routing(by: policy.routingFields(of: ref.ledger)).homes ?? []
      if homes.isEmpty || sender.replicator.parent == edge.to {
        return policy.fields(of: edge.to, in: ref.ledger)
      }
      return policy.fields(of: edge.to, in: ref.ledger, homes: homes)
    }
    for batch in parcel.evidence {
      for change in batch.changes {
        let leak = change.fields.subtracting(allowed(change.ref))
        if !leak.isEmpty {
          faults.append(
            SimulationFault("LEAK", "\(edge.from) to \(edge.to): \(change.dot) fields \(leak)"))
        }
        for write in change.writes {
          if let wrong = wronglyMasked(write, change, batch, policy, records[change.ref], edge) {
            faults.append(SimulationFault("LEAK", "\(edge.from) to \(edge.to): \(wrong)"))
          }
        }
      }
    }
  }
}

extension SimulatedNetwork {
  /// What of a value that leaves is not as the receiver's masks have it; written apart from the code that masks.
  private func wronglyMasked(
    _ write: FieldWrite, _ change: Change, _ batch: SignedBatch, _ policy: any SharingPolicy,
    _ record: Record?, _ edge: Edge
  ) -> String? {
    let place = "\(change.dot) field \(write.field)"
    let homes = record?.routing(by: policy.routingFields(of: change.ref.ledger)).homes ?? []
    let isUp = node(edge.from).replicator.parent == edge.to
    let masks =
      isUp || homes.isEmpty
      ? policy.masks(of: edge.to, in: change.ref.ledger)
      : policy.masks(of: edge.to, in: change.ref.ledger, homes: homes)
    let wanted = masks.entries.first { $0.field == write.field }?.mask
    let proof = batch.maskProof(of: change.dot.index, write.field)
    guard case .masked(let value) = write.value else {
      if proof != nil { return "\(place) beside its mask" }
      return wanted == nil ? nil : "\(place) unmasked"
    }
    if value.mask != wanted { return "\(place) masked otherwise" }
    if value.mask == .pseudonym, proof?.receiver != edge.to { return "\(place) for another" }
    let signed = journaled?(change.dot)?.writes.first { $0.field == write.field }?.value
    guard case .text(let whole)? = signed else { return nil }
    switch (value.mask, value.shown) {
    case (.suppressed, .null): return nil
    case (.pseudonym, .text(let text)):
      return text.count == 24 && !text.contains(whole) ? nil : "\(place) is no pseudonym"
    case (.partial, .text(let text)):
      return text == "\(whole.prefix(1))*" ? nil : "\(place) shows more than a part"
    case (.partial, .null): return whole.count < 8 ? nil : "\(place) shows nothing"
    default: return "\(place) is no mask"
    }
  }
}

/// A check that did not hold.
package struct SimulationFault: Sendable, CustomStringConvertible {
  package let kind: String
  package let detail: String
  package init(_ kind: String, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
  package var description: String { "\(kind) \(detail)" }
}

/// Knows every node's key.
package struct SimulationDirectory: KeyDirectory {
  private let keys: [Digest: SignerKey]
  init(_ nodes: [NodeID: SimulatedNode]) {
    var keys: [Digest: SignerKey] = [:]
    for (id, node) in nodes {
      guard let signer = node.replicator.signer as? Ed25519Signer else { continue }
      keys[signer.fingerprint] = SignerKey(node: id, key: signer.publicKey)
    }
    self.keys = keys
  }
  package func key(_ fingerprint: Digest) -> SignerKey? { keys[fingerprint] }
}

/// Admits nobody.
package struct NoAuthority: SignerAuthority {
  package init() {}
  package func admit(_ chain: [[UInt8]]) throws -> SignerKey {
    throw FeedError(.unknownSigner, "no authority")
  }
}
