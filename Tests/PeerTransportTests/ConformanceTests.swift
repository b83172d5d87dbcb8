import PeerLink
import ReplicationCore
import Testing

@Suite("PeerLink over gRPC", .serialized) struct GRPCConformanceTests {
  let region: TestRegion
  let conformance: PeerLinkConformance

  init() throws {
    let region = try TestRegion()
    self.region = region
    conformance = PeerLinkConformance(
      make: { try LinkPair.usual(region) }, parent: try #require(NodeID("450103000000")),
      child: try #require(NodeID("450103001000")))
  }

  @Test func `both ends know each other by their certificates`() async throws {
    try await conformance.bothEndsKnowEachOther()
  }
  @Test func `1000 frames arrive whole and in order, both ways`() async throws {
    try await conformance.framesArriveWholeAndInOrder()
  }
  @Test func `an end in order is nil`() async throws {
    try await conformance.anEndInOrderIsNil()
  }
  @Test func `the parent may end first`() async throws {
    try await conformance.theParentMayEndFirst()
  }
  @Test func `a frame above the limit is refused and the channel goes on`() async throws {
    try await conformance.aFrameAboveTheLimitIsRefusedAndTheChannelGoesOn()
  }
  @Test func `a receiver that does not read stops the sender`() async throws {
    try await conformance.aReceiverThatDoesNotReadStopsTheSender()
  }
  @Test func `the body's error is handed on`() async throws {
    try await conformance.theBodysErrorIsHandedOn()
  }
  @Test func `a dialer connects again`() async throws {
    try await conformance.aDialerConnectsAgain()
  }
}
