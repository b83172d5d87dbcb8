import FoundationEssentials
import NodeIdentity
import PeerLink
import PeerTransport
import ReplicationCore
import Testing

/// A child with a good certificate and a program of its own: its stream ends with a reason, and nobody else notices.
@Suite("Hostile bytes over gRPC", .serialized, .timeLimit(.minutes(2)))
struct HostileTransportTests {
  let region: TestRegion
  let county: CertificateAuthority
  let parent: TransportCredentials

  init() throws {
    region = try TestRegion()
    county = try region.authority("450103000000")
    parent = try region.credentials("450103000000", from: county)
  }

  /// Runs `attack` against a county that has a good child beside, whose frames must go on coming back; answers with how the bad child's channels ended at the county: each that was opened has.
  private func attacking(
    _ attack: @escaping @Sendable (RawCall) async throws -> Void
  ) async throws -> [PeerLinkError?] {
    let good = try region.credentials("450103001000", from: county)
    let bad = try county.issueTLS(
      for: #require(NodeID("450103002000")), validity: TestRegion.validity)
    let begun = Findings<NodeID>()
    let ends = Findings<PeerLinkError?>()
    let pair = try LinkPair.grpc(region, parent: parent, child: good)
    try await pair.run { channel in
      if channel.peer != good.node { begun.add(channel.peer) }
      do {
        while let frame = try await channel.receive() { try await channel.send(frame) }
        if channel.peer != good.node { ends.add(nil) }
      } catch {
        if channel.peer != good.node { ends.add(error as? PeerLinkError) }
      }
    } child: { dialer in
      let port = try await (pair.listener as? GRPCPeerListener)?.port ?? 0
      try await dialer.connect { channel in
        try await channel.send([1])
        #expect(try await channel.receive() == [1])
        try await attack(RawCall(port: port, identity: bad))
        #expect(await ends.reach(begun.all.count))
        for number in 2..<20 {
          try await channel.send([UInt8(number)])
          #expect(try await channel.receive() == [UInt8(number)])
        }
      }
    }
    return ends.all
  }

  @Test func `a message announced as gzip is refused by its headers, and nothing is inflated`()
    async throws
  {
    let bomb = RawMessage.framed(RawMessage.bomb, isCompressed: true)
    #expect(bomb.count < PeerLinkLimits.frameBytes)
    try await staysSmall { isWarm in
      let ends = try await attacking { call in
        for encoding in ["gzip", "deflate", "br"] {
          let answer = try await call.send(
            [("grpc-encoding", encoding)], body: isWarm ? bomb : [], isEager: true)
          // Status 12, which gRPC gives for an encoding that a server does not know.
          #expect(answer.fields["grpc-status"] == "12", "\(answer.fields)")
          #expect(answer.fields["grpc-accept-encoding"]?.contains("gzip") != true)
        }
      }
      #expect(ends.isEmpty, "a channel was opened for a compressed stream")
    }
  }

  @Test func `a bomb that says nothing of its compression ends its own channel with the reason`()
    async throws
  {
    let bomb = RawMessage.framed(RawMessage.bomb, isCompressed: true)
    try await staysSmall { isWarm in
      let ends = try await attacking { call in
        for _ in 0..<8 {
          let body = isWarm ? bomb : RawMessage.framed([1], isCompressed: true)
          let answer = try await call.send(body: body)
          #expect(answer.fields["grpc-status"] != "0")
        }
      }
      #expect(ends.count == 8)
      #expect(Set(ends) == [.frameUnreadable(limit: PeerLinkLimits.frameBytes)])
    }
  }

  @Test func `a message that claims to be 4 GiB ends its own channel at once`() async throws {
    let ends = try await attacking { call in
      let answer = try await call.send(
        body: RawMessage.framed([1, 2, 3], claiming: UInt32.max))
      #expect(answer.fields["grpc-status"] != "0")
    }
    #expect(ends == [.frameUnreadable(limit: PeerLinkLimits.frameBytes)])
  }

  @Test func `a message that is no protobuf ends its own channel`() async throws {
    let ends = try await attacking { call in
      for body: [UInt8] in [[0xFF, 0xFF], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x0B, 0x0B]] {
        _ = try await call.send(body: RawMessage.framed(body))
      }
    }
    #expect(ends.count == 3 && !ends.contains(nil))
  }

  @Test func `calls of what is not served are refused`() async throws {
    let ends = try await attacking { call in
      for path in ["/huijia.v1.Control/Call", "/", "/huijia.v1.PeerLink/", "x"] {
        let answer = try await call.send([(":path", path)], body: [])
        #expect(answer.isBroken || answer.fields["grpc-status"] == "12", "\(path) \(answer)")
      }
      let answer = try await call.send([("content-type", "text/html")], body: [])
      #expect(answer.fields[":status"] == "415" || answer.isBroken)
    }
    #expect(ends.isEmpty)
  }

  /// Runs an attack without its bomb first, so that what the libraries need once is there, then with it: this process must not have grown meanwhile by what the bomb would inflate to.
  private func staysSmall(_ attack: (_ isWarm: Bool) async throws -> Void) async throws {
    try await attack(false)
    let before = try Self.resetPeak()
    try await attack(true)
    let grown = try Self.peakBytes() - before
    #expect(grown < RawMessage.inflatedBytes / 2, "\(grown) bytes more")
  }

  /// Forgets the peak of this process' memory (proc_pid_clear_refs(5)); returns what stands now, in bytes.
  private static func resetPeak() throws -> Int {
    try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    return try peakBytes()
  }

  /// The most memory that this process had in use since the peak was last forgotten, in bytes.
  private static func peakBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.filter(\.isNumber))) * 1024
  }
}
