import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Synchronization
import Testing

/// What becomes of documents at a node of a running tree.
@Suite("The life of policies") struct PolicyLifeTests {
  @Test("a policy rollback is refused and raises an alarm, and the node goes on")
  func rollback() async throws {
    let (service, store, parent) = try await node()
    let fresh = FakeDocuments.document(.policy, epoch: 3)
    try await service.adopt([fresh], from: parent, areFormer: false)
    #expect(service.engine?.policyEpoch == 3)
    try await service.adopt([FakeDocuments.document(.policy)], from: parent, areFormer: false)
    try await service.adopt(
      [FakeDocuments.document(.policy, epoch: 2)], from: parent, areFormer: false)
    #expect(service.engine?.policyEpoch == 3)
    let alarms = try await store.read { try $0.alarms() }
    #expect(alarms.map(\.code) == [.rollback, .rollback])
    #expect(alarms.allSatisfy { $0.peer == parent })
    #expect(try await store.read { try $0.documents(.policy).map(\.epoch) } == [1, 3])
  }

  @Test("another document of the epoch in force is refused and raises an alarm; the same is none")
  func equivocation() async throws {
    let (service, store, parent) = try await node()
    let held = FakeDocuments.document(.policy, epoch: 3)
    try await service.adopt([held], from: parent, areFormer: false)
    try await service.adopt([held], from: parent, areFormer: false)
    #expect(try await store.read { try $0.alarms() } == [])
    let other = FakeDocuments.document(.policy, epoch: 3, bytes: 11)
    try await service.adopt([other], from: parent, areFormer: false)
    #expect(try await store.read { try $0.alarms() }.map(\.code) == [.equivocation])
    #expect(try await store.read { try $0.documents(.policy) }.contains(held))
    #expect(try await store.read { try $0.documents(.policy) }.contains(other) == false)
  }

  @Test("a forged document ends the link and raises an alarm")
  func forged() async throws {
    let (service, store, parent) = try await node()
    await #expect(throws: LinkRefusal.self) {
      try await service.adopt(
        [FakeDocuments.document(.policy, epoch: 9, signature: 2)], from: parent, areFormer: false)
    }
    #expect(try await store.read { try $0.alarms() }.map(\.code) == [.forged])
  }

  @Test("a former policy is kept to judge by, and takes nobody's place")
  func former() async throws {
    let (service, store, parent) = try await node()
    try await service.adopt(
      [FakeDocuments.document(.policy, epoch: 4)], from: parent, areFormer: false)
    try await service.adopt(
      [FakeDocuments.document(.policy, epoch: 3)], from: parent, areFormer: true)
    #expect(service.engine?.policyEpoch == 4)
    #expect(try await store.read { try $0.documents(.policy).map(\.epoch) } == [1, 3, 4])
    #expect(try await store.read { try $0.alarms() } == [])
    // What is no former one yet is not smuggled in as such.
    try await service.adopt(
      [FakeDocuments.document(.policy, epoch: 7)], from: parent, areFormer: true)
    #expect(service.engine?.policyEpoch == 4)
    #expect(try await store.read { try $0.documents(.policy).map(\.epoch) } == [1, 3, 4])
  }

  @Test("a policy is published only under a higher epoch; of two at once both are in order")
  func published() async throws {
    let (service, store, _) = try await node()
    try await service.publish(FakeDocuments.document(.policy, epoch: 2))
    await #expect(throws: DocumentNotNewer(newest: 2)) {
      try await service.publish(FakeDocuments.document(.policy, epoch: 2, bytes: 12))
    }
    await withThrowingTaskGroup(of: Void.self) { group in
      for epoch in UInt64(3)...9 {
        group.addTask { try? await service.publish(FakeDocuments.document(.policy, epoch: epoch)) }
      }
    }
    #expect(service.engine?.policyEpoch == 9)
    #expect(try await store.read { try $0.documents(.policy).last?.epoch } == 9)
  }

  @Test("what was written before a policy came is signed under the one before")
  func sealedFirst() async throws {
    let (town, county) = (try Place.town, try Place.county)
    let store = FakeStore()
    let written = (0..<10_000).map { RecordRef(FakeEngine.bulk, "\($0)") }
    store.edit { $0.captured = written }
    let documents = WatchedDocuments(node: town, store: store)
    let service = NodeService(
      settings: NodeSettings(node: town, parent: county), store: store,
      engine: FakeEngine(node: town, policyEpoch: 1), dialer: nil, listener: nil,
      authority: documents, adoption: documents,
      signers: SignerCache(authority: NoSigners()), seed: 1, now: { 1_700_000_000_000_000 })
    try await service.adopt(stored: [
      FakeDocuments.document(.catalog), FakeDocuments.document(.policy, epoch: 2),
    ])
    #expect(service.engine?.policyEpoch == 2)
    #expect(documents.left.withLock { $0 } == 0)
    #expect(store.state.held.count == written.count)
  }

  @Test("a former policy that was refused is not shelved")
  func refusedFormer() async throws {
    let town = try Place.town
    let store = FakeStore()
    let documents = WatchedDocuments(node: town, store: store)
    store.edit { $0.documents = [FakeDocuments.document(.policy, epoch: 4)] }
    let service = NodeService(
      settings: NodeSettings(node: town, parent: try Place.county), store: store,
      engine: FakeEngine(node: town, policyEpoch: 4), dialer: nil, listener: nil,
      authority: documents, adoption: documents,
      signers: SignerCache(authority: NoSigners()), seed: 1, now: { 1_700_000_000_000_000 })
    let former = [2, 7].map { FakeDocuments.document(.policy, epoch: $0) }
    try await service.adopt(former, from: try Place.county, areFormer: true)
    #expect(documents.shelved.withLock { $0 } == [2])
  }

  @Test("a policy whose transaction was committed is in force though its answer was lost")
  func lostAnswer() async throws {
    let town = try Place.town
    let store = FakeStore()
    store.edit { $0.adoptedPolicy = 1 }
    let documents = FakeDocuments(node: town)
    let service = NodeService(
      settings: NodeSettings(node: town, parent: try Place.county), store: store,
      engine: FakeEngine(node: town, policyEpoch: 1), dialer: nil, listener: nil,
      authority: documents, adoption: documents,
      signers: SignerCache(authority: NoSigners()), seed: 1, now: { 1_700_000_000_000_000 })
    let new = [FakeDocuments.document(.catalog), FakeDocuments.document(.policy, epoch: 2)]
    store.losesAnswer.withLock { $0 = { $0.adoptedPolicy == 2 } }
    await #expect(throws: NotFaked.self) { try await service.adopt(stored: new) }
    #expect(service.engine?.policyEpoch == 2)
  }

  private func node() async throws -> (NodeService, MemoryStore, NodeID) {
    let (town, county) = (try Place.town, try Place.county)
    let store = MemoryStore()
    let documents = [FakeDocuments.document(.catalog), FakeDocuments.document(.policy)]
    try await store.write { tx in
      for document in documents { try tx.keepDocument(document) }
    }
    let service = NodeService(
      settings: NodeSettings(node: town, parent: county), store: store,
      engine: FakeEngine(node: town, policyEpoch: 1), dialer: nil, listener: nil,
      authority: FakeDocuments(node: town), adoption: FakeDocuments(node: town),
      signers: SignerCache(authority: NoSigners()), seed: 1, now: { 1_700_000_000_000_000 })
    return (service, store, county)
  }
}

/// Documents of the fake that note what stood unsealed when a policy was made the one in force, and what was shelved.
private final class WatchedDocuments: DocumentAuthority, DocumentAdoption {
  private let documents: FakeDocuments
  private let store: FakeStore
  let left = Mutex<Int?>(nil)
  let shelved = Mutex<[UInt64]>([])

  init(node: NodeID, store: FakeStore) {
    documents = FakeDocuments(node: node)
    self.store = store
  }

  func check(_ document: SignedDocument) throws { try documents.check(document) }

  func shelve(_ documents: [SignedDocument]) {
    shelved.withLock { $0 += documents.map(\.epoch) }
  }

  func adopt(_ documents: [SignedDocument]) async throws -> (any LinkEngine)? {
    let count = store.state.captured.count
    left.withLock { $0 = count }
    return try await self.documents.adopt(documents)
  }
}
