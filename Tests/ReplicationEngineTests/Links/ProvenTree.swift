import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

/// A town and its villages with the real rules: signed batches, registers, views; over in-process links and memory stores.
final class ProvenTree: Sendable {
  /// One node.
  struct Node: Sendable {
    let store: MemoryStore
    let service: NodeService
    let writes: AsyncStream<Void>.Continuation
    let task: Task<Void, any Error>
  }

  let network = InProcessNetwork()
  private let signers = Mutex<[NodeID: Ed25519Signer]>([:])
  private let stores = Mutex<[NodeID: MemoryStore]>([:])
  private let files = Mutex<[NodeID: MemoryHighWater]>([:])
  private let nodes = Mutex<[NodeID: Node]>([:])
  private let shelf = MemoryShelf([SimulationPolicy(epoch: 1)])
  private let tune: @Sendable (inout NodeSettings) -> Void

  init(_ tune: @escaping @Sendable (inout NodeSettings) -> Void = { _ in }) { self.tune = tune }

  func store(_ id: NodeID) -> MemoryStore {
    stores.withLock { stores in
      if let store = stores[id] { return store }
      let store = MemoryStore()
      stores[id] = store
      return store
    }
  }

  /// The high-water file of a node.
  func file(_ id: NodeID) -> MemoryHighWater {
    files.withLock { files in
      if let file = files[id] { return file }
      let file = MemoryHighWater()
      files[id] = file
      return file
    }
  }

  func service(_ id: NodeID) throws -> NodeService {
    try #require(nodes.withLock { $0[id]?.service })
  }

  func start(_ id: NodeID, parent: NodeID? = nil) throws {
    var settings = NodeSettings(node: id, parent: parent)
    settings.backoff.least = .milliseconds(5)
    settings.backoff.most = .milliseconds(50)
    settings.link.acknowledgementDelay = .milliseconds(5)
    settings.highWaterInterval = .milliseconds(20)
    settings.rootPatience = .milliseconds(100)
    tune(&settings)
    let signer = signers.withLock { signers in
      let signer = signers[id] ?? Ed25519Signer()
      signers[id] = signer
      return signer
    }
    let record = SignerRecord(
      fingerprint: signer.fingerprint, node: id,
      chain: [PlainAuthority.certificate(id, signer.publicKey)])
    let store = store(id)
    try store.writeNow { try $0.keepSigner(record) }
    let policy = try #require(shelf.policy(1))
    let replicator = Replicator(
      node: id, parent: parent, signer: signer, policy: policy, policies: shelf,
      ledgers: [SimulationPolicy.bulk, SimulationPolicy.urgent])
    let service = NodeService(
      settings: settings, store: store, engine: ReplicatorEngine(replicator),
      dialer: parent.map { network.dialer(of: id, to: $0) }, listener: network.listener(of: id),
      authority: FakeDocuments(node: id), adoption: FakeDocuments(node: id),
      signers: SignerCache(authority: PlainAuthority()), highWater: file(id), seed: 1,
      now: { FakeTree.microseconds + 1_000_000_000 })
    let (writes, signal) = AsyncStream.makeStream(of: Void.self)
    let task = Task { try await service.run(localWrites: writes) }
    let node = Node(store: store, service: service, writes: signal, task: task)
    nodes.withLock { $0[id] = node }
  }

  /// Creates records, as an application of the node would.
  func create(
    _ id: NodeID, _ keys: some Sequence<String>, home: NodeID, lane: Lane = .bulk
  ) {
    let ledger = lane == .bulk ? SimulationPolicy.bulk : SimulationPolicy.urgent
    let writes = keys.map { key in
      var values: FieldValues = [SimulationPolicy.home: .text(home.code.description)]
      for field in SimulationPolicy.data { values[field] = .text("\(field) of \(key), 区域") }
      return CapturedWrite(
        ref: RecordRef(ledger, key), values: values, isDeletion: false, isCreation: true,
        time: FakeTree.microseconds, actor: "tester")
    }
    store(id).mutate { state in state.captured += writes }
    _ = nodes.withLock { $0[id]?.writes.yield() }
  }

  /// Changes one field of a record.
  func edit(_ id: NodeID, _ key: String, _ field: FieldID, _ text: String) {
    let write = CapturedWrite(
      ref: RecordRef(SimulationPolicy.bulk, key), values: [field: .text(text)],
      isDeletion: false, isCreation: false, time: FakeTree.microseconds, actor: "tester")
    store(id).mutate { $0.capture(write) }
    _ = nodes.withLock { $0[id]?.writes.yield() }
  }

  /// Waits until all hold `count` records with the same values.
  func settle(
    _ ids: [NodeID], count: Int, within limit: Duration = .seconds(30),
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let holds = await eventually(within: limit) {
      ids.allSatisfy { self.store($0).snapshot.records.count == count } && self.isEqual(ids)
    }
    let found = ids.map { "\($0): \(store($0).snapshot.records.count)" }
    #expect(holds, "\(comment ?? "") of \(count) records \(found)", sourceLocation: sourceLocation)
    for id in ids {
      let quarantine = store(id).snapshot.quarantine
      #expect(quarantine.isEmpty, "at \(id): \(quarantine)", sourceLocation: sourceLocation)
    }
  }

  private func isEqual(_ ids: [NodeID]) -> Bool {
    guard let first = ids.first else { return true }
    let records = store(first).snapshot.records
    return ids.dropFirst().allSatisfy { id in
      let others = store(id).snapshot.records
      return records.allSatisfy { ref, record in
        let other = others[ref] ?? Record()
        return record.heldFields == other.heldFields
          && record.heldFields.members.allSatisfy { field in
            record[field].siblings.map(\.dot) == other[field].siblings.map(\.dot)
          }
      }
    }
  }

  func end() async {
    let all = nodes.withLock { nodes in
      defer { nodes = [:] }
      return Array(nodes.values)
    }
    for node in all { node.task.cancel() }
    for node in all { _ = try? await node.task.value }
  }

  /// Kills a node: its tasks are cancelled where they are.
  func kill(_ id: NodeID) async throws {
    let node = try #require(nodes.withLock { $0.removeValue(forKey: id) })
    node.task.cancel()
    _ = try? await node.task.value
  }

  /// Stops a node in order.
  func stop(_ id: NodeID) async throws {
    let node = try #require(nodes.withLock { $0.removeValue(forKey: id) })
    node.service.shutdown()
    try await node.task.value
  }
}

/// Certificates of the tests: the node's name, a zero, the key.
struct PlainAuthority: SignerAuthority {
  static func certificate(_ node: NodeID, _ key: VerificationKey) -> [UInt8] {
    Array(node.description.utf8) + [0] + key.raw
  }

  func admit(_ chain: [[UInt8]]) throws -> SignerKey {
    let parts = chain.first?.split(separator: 0, maxSplits: 1) ?? []
    guard parts.count == 2, let node = NodeID(String(decoding: parts[0], as: UTF8.self)),
      let key = VerificationKey(suite: .ed25519, raw: Array(parts[1]))
    else { throw NotFaked() }
    return SignerKey(node: node, key: key)
  }
}
