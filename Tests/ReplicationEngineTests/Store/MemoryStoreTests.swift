import ReplicationEngine
import ReplicationTestKit
import Testing

@Suite struct MemoryStoreTests {
  @Test("the memory store keeps the contract of the port")
  func conformance() async throws {
    let complaints = try await StoreConformance.run { MemoryStore() }
    #expect(complaints == [])
  }
}
