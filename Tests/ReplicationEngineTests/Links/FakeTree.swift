import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

/// A small tree of node services over in-process links, or over real ones.
final class FakeTree: Sendable {
  /// One node: its store lives on when its service is stopped.
  struct Node: Sendable {
    let id: NodeID
    let store: FakeStore
    let service: NodeService
    let writes: AsyncStream<Void>.Continuation
    let task: Task<Void, any Error>
  }

  let network = InProcessNetwork()
  private let wires: WiredNetwork?
  private let stores = Mutex<[NodeID: FakeStore]>([:])
  private let nodes = Mutex<[NodeID: Node]>([:])
  private let tune: @Sendable (inout NodeSettings) -> Void

  /// `wires`: real connections, with the faults of `network`.
  init(
    over wires: WiredNetwork? = nil,
    _ tune: @escaping @Sendable (inout NodeSettings) -> Void = { _ in }
  ) {
    self.wires = wires
    self.tune = tune
  }

  func store(_ id: NodeID) -> FakeStore {
    stores.withLock { stores in
      if let store = stores[id] { return store }
      let store = FakeStore()
      stores[id] = store
      return store
    }
  }

  func service(_ id: NodeID) throws -> NodeService {
    try #require(nodes.withLock { $0[id]?.service })
  }

  /// Starts a node. `hasPolicy`: it begins with rules.
  func start(_ id: NodeID, parent: NodeID? = nil, hasPolicy: Bool = true) {
    var settings = NodeSettings(node: id, parent: parent)
    settings.backoff.least = .milliseconds(5)
    settings.backoff.most = .milliseconds(50)
    settings.link.heartbeat = .milliseconds(200)
    settings.link.acknowledgementDelay = .milliseconds(5)
    settings.link.closingGrace = .milliseconds(200)
    tune(&settings)
    let store = store(id)
    let epoch = store.state.documents.last { $0.kind == .policy }?.epoch ?? 1
    let engine = hasPolicy ? FakeEngine(node: id, policyEpoch: epoch) : nil
    let service = NodeService(
      settings: settings, store: store, engine: engine,
      dialer: parent.map { dialer(of: id, to: $0) },
      listener: wires?.listener(of: id) ?? network.listener(of: id),
      authority: FakeDocuments(node: id), adoption: FakeDocuments(node: id),
      signers: SignerCache(authority: NoSigners()), seed: 1,
      now: { Self.microseconds })
    let (writes, signal) = AsyncStream.makeStream(of: Void.self)
    let task = Task { try await service.run(localWrites: writes) }
    let node = Node(id: id, store: store, service: service, writes: signal, task: task)
    nodes.withLock { $0[id] = node }
  }

  private func dialer(of child: NodeID, to parent: NodeID) -> any PeerDialer {
    wires?.dialer(of: child, to: parent, faults: network.faults(of: child))
      ?? network.dialer(of: child, to: parent)
  }

  /// Microseconds since an unknown moment: enough for differences.
  static var microseconds: Int64 {
    let now = ContinuousClock.now - start
    let (seconds, attoseconds) = now.components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
  private static let start = ContinuousClock.now

  /// Stops a node in order; its store stays.
  func stop(_ id: NodeID) async throws {
    let node = try #require(nodes.withLock { $0.removeValue(forKey: id) })
    node.service.shutdown()
    try await node.task.value
  }

  /// Kills a node: its tasks are cancelled where they are.
  func kill(_ id: NodeID) async throws {
    let node = try #require(nodes.withLock { $0.removeValue(forKey: id) })
    node.task.cancel()
    _ = try? await node.task.value
  }

  /// Writes records at a node as an application would.
  func write(_ id: NodeID, _ keys: some Sequence<String>, lane: Lane = .bulk) {
    let ledger = FakeEngine.ledger(of: lane)
    store(id).edit { $0.captured += keys.map { RecordRef(ledger, $0) } }
    _ = nodes.withLock { $0[id]?.writes.yield() }
  }

  func held(_ id: NodeID) -> [RecordRef: Int] { store(id).state.held }

  /// Waits until every given node holds `count` records.
  func settle(
    _ ids: [NodeID], count: Int, within limit: Duration = .seconds(20),
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let holds = await eventually(within: limit) {
      ids.allSatisfy { self.held($0).count == count }
    }
    let found = ids.map { "\($0): \(held($0).count)" }
    #expect(holds, "\(comment ?? "") of \(count) records \(found)", sourceLocation: sourceLocation)
    for id in ids {
      let doubled = held(id).filter { $0.value > 1 }.count
      #expect(doubled == 0, "doubled at \(id)", sourceLocation: sourceLocation)
    }
  }

  /// Stops all.
  func end() async {
    let all = nodes.withLock { nodes in
      defer { nodes = [:] }
      return Array(nodes.values)
    }
    for node in all { node.task.cancel() }
    for node in all { _ = try? await node.task.value }
  }
}

/// Whether something becomes true within a time.
func eventually(
  within limit: Duration = .seconds(10), _ holds: () async throws -> Bool
) async rethrows -> Bool {
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await holds() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return try await holds()
}

/// Nodes of the tests.
enum Place {
  static func node(_ text: String) throws -> NodeID { try #require(NodeID(text)) }
  static var county: NodeID { get throws { try node("450103000000") } }
  static var town: NodeID { get throws { try node("450103001000") } }
  static var village: NodeID { get throws { try node("450103001005") } }
  static var hamlet: NodeID { get throws { try node("450103001006") } }
  static var elsewhere: NodeID { get throws { try node("450102001005") } }
}
