import GRPCCore
import Glibc
import NIOCore
import NodeIdentity
import PeerLink
import PeerTransport
import ReplicationCore
import Testing

@Suite("Who may be at the other end of a link", .serialized) struct TrustTests {
  let region: TestRegion
  let county: CertificateAuthority
  let parent: TransportCredentials

  init() throws {
    region = try TestRegion()
    county = try region.authority("450103000000")
    parent = try region.credentials("450103000000", from: county)
  }

  /// Dials once; answers with what `connect` threw and what the listener refused.
  func dial(
    _ pair: LinkPair, refusals: Findings<IdentityError>
  ) async throws -> (thrown: PeerLinkError?, refused: [IdentityError], met: Int) {
    let met = Findings<NodeID>()
    let thrown = Findings<PeerLinkError>()
    try await pair.run { channel in
      met.add(channel.peer)
      while let frame = try? await channel.receive() { try? await channel.send(frame) }
    } child: { dialer in
      do {
        try await dialer.connect { channel in
          try await channel.send([1])
          _ = try await channel.receive()
        }
      } catch let error as PeerLinkError {
        thrown.add(error)
      }
    }
    return (thrown.all.first, refusals.all, met.all.count)
  }

  @Test func `a child of another region is refused on both sides' words`() async throws {
    let foreign = try TestRegion(region: "500000000000")
    let child = try foreign.credentials("500118001000", trusting: nil)
    let refusals = Findings<IdentityError>()
    let result = try await dial(
      .grpc(region, parent: parent, child: child, refusals: refusals), refusals: refusals)
    // The child, which trusts its own root, refuses first.
    guard case .untrusted(let words)? = result.thrown else {
      Issue.record("not refused as untrusted: \(String(describing: result.thrown))")
      return
    }
    #expect(words.contains("does not lead to this region's root"))
    #expect(result.met == 0)
  }

  @Test func `a child that trusts this region but is of another one is refused`() async throws {
    let foreign = try TestRegion()
    let issued = try foreign.root.issueTLS(
      for: #require(NodeID("450103001000")), validity: TestRegion.validity)
    let child = try foreign.credentials(issued, accepting: region)
    let refusals = Findings<IdentityError>()
    let result = try await dial(
      .grpc(region, parent: parent, child: child, refusals: refusals), refusals: refusals)
    // Usually the alert arrives; a close may overtake it.
    switch result.thrown {
    case .certificateRefused(let words)?, .unreachable(let words)?:
      #expect(words.contains("refuses this node's certificate"))
      #expect(words.contains("see refused_certificates"))
    default: Issue.record("\(String(describing: result.thrown))")
    }
    #expect(result.refused.map(\.code) == ["certificate-foreign-root"])
    #expect(result.met == 0)
  }

  @Test func `where the alert is lost with the connection, what is known here says why`() throws {
    let address = try #require(PeerAddress("127.0.0.1:1"))
    let ended = IdentityError.expired(
      name: "450103001000", until: TestRegion.today, judgedAt: TestRegion.today + TestRegion.day)
    func error(isTrusted: Bool, own: IdentityError?) -> PeerLinkError {
      let attempt = DialAttempt()
      if isTrusted { attempt.trusted() }
      return .opening(ChannelError.eof, address: address, attempt, own: own)
    }
    guard case .certificateRefused(let words) = error(isTrusted: true, own: ended) else {
      Issue.record("\(error(isTrusted: true, own: ended))")
      return
    }
    #expect(words.contains("refuses this node's certificate") && words.contains(ended.description))
    // What the machine calls its functions is of no use to an operator.
    let reset = RuntimeError(
      code: .transportError, message: "the client machinery gave up",
      cause: IOError(errnoCode: ECONNRESET, reason: "read(descriptor:pointer:size:)"))
    let told = PeerLinkError.opening(reset, address: address, DialAttempt(), own: nil)
    guard case .unreachable(let text) = told else {
      Issue.record("\(told)")
      return
    }
    #expect(text == "no channel to 127.0.0.1:1: Connection reset by peer")
    // Nothing wrong is known here, or the other end never came as far as to judge: no more is said than that.
    for error in [error(isTrusted: true, own: nil), error(isTrusted: false, own: ended)] {
      guard case .unreachable(let words) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect(words.contains("127.0.0.1:1") && !words.contains(ended.description))
    }
  }

  @Test func `a county that signs a prefix not its own is refused`() async throws {
    let neighbour = try region.authority("450102000000")
    #expect(throws: IdentityError.self) {
      _ = try neighbour.issueTLS(
        for: #require(NodeID("450103001000")), validity: TestRegion.validity)
    }
  }

  @Test func `the wrong node at the parent's address is not talked to`() async throws {
    let child = try region.credentials("450103001000", from: county)
    let refusals = Findings<IdentityError>()
    let result = try await dial(
      .grpc(region, parent: parent, child: child, expecting: "450102000000", refusals: refusals),
      refusals: refusals)
    #expect(
      result.thrown
        == .untrusted(
          "the other end is node 450103000000, not 450102000000; check the address in the settings"
        ))
    #expect(result.met == 0)
  }

  @Test func `an ended certificate is refused by the injected clock, not the machine's`()
    async throws
  {
    let child = try region.credentials("450103001000", from: county)
    let refusals = Findings<IdentityError>()
    let late = try await dial(
      .grpc(
        region, parent: parent, child: child, now: TestRegion.today + 91 * TestRegion.day,
        refusals: refusals), refusals: refusals)
    guard case .untrusted(let words)? = late.thrown else {
      Issue.record("an ended certificate was taken: \(String(describing: late.thrown))")
      return
    }
    #expect(words.contains("ended 1 days ago"))
    #expect(late.met == 0)
  }

  @Test func `a computer whose clock battery is dead gets through`() async throws {
    let child = try region.credentials("450103001000", from: county)
    let refusals = Findings<IdentityError>()
    let longAgo = TestRegion.today - 20 * 365 * TestRegion.day
    let result = try await dial(
      .grpc(region, parent: parent, child: child, now: longAgo, refusals: refusals),
      refusals: refusals)
    #expect(result.thrown == nil)
    #expect(result.met == 1)
  }

  @Test func `a signing certificate is no TLS certificate`() throws {
    let signing = try county.issueSigning(
      for: #require(NodeID("450103001000")), validity: TestRegion.validity)
    #expect(throws: IdentityError.self) { _ = try region.credentials(signing) }
  }

  @Test func `a renewed certificate is shown after a reload`() async throws {
    let short = try region.credentials(
      "450103000000", from: county, validity: ValidityPeriod(from: TestRegion.today, days: 1))
    let child = try region.credentials("450103001000", from: county)
    let refusals = Findings<IdentityError>()
    let later = TestRegion.today + 2 * TestRegion.day
    let pair = try LinkPair.grpc(
      region, parent: short, child: child, now: later, refusals: refusals)
    let node = try #require(NodeID("450103000000"))
    let renewed = try county.issueTLS(for: node, validity: TestRegion.validity)
    let paths = (chain: region.path("2.pem"), key: region.path("2.key"))
    try await pair.run { channel in
      while let frame = try? await channel.receive() { try? await channel.send(frame) }
    } child: { dialer in
      await #expect(throws: PeerLinkError.self) { try await dialer.connect { _ in } }
      try renewed.write(chainTo: paths.chain, keyTo: paths.key)
      try short.reload()
      try await dialer.connect { channel in try await channel.send([1]) }
    }
  }
}
