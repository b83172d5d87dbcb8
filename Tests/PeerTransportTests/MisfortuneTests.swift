import NodeIdentity
import PeerLink
import PeerTransport
import ReplicationCore
import Testing

@Suite("Links that break", .serialized) struct MisfortuneTests {
  let region: TestRegion

  init() throws { region = try TestRegion() }

  static func quick() -> TransportSettings {
    var settings = TransportSettings()
    settings.pingInterval = .milliseconds(300)
    settings.pingTimeout = .milliseconds(300)
    return settings
  }

  /// Opens a channel through a forwarder, does `harm`, and waits until both ends have noticed.
  func noticing(
    within limit: Duration, harm: @escaping @Sendable (Forwarder) -> Void
  ) async throws -> [PeerLinkError?] {
    let forwarder = Forwarder()
    defer { forwarder.stop() }
    let ends = Findings<PeerLinkError?>()
    let pair = try LinkPair.usual(region, settings: Self.quick(), through: forwarder)
    try await pair.run { channel in
      do {
        while let frame = try await channel.receive() { try await channel.send(frame) }
        ends.add(nil)
      } catch {
        ends.add(error as? PeerLinkError)
      }
    } child: { dialer in
      await #expect(throws: PeerLinkError.self) {
        try await dialer.connect { channel in
          try await channel.send([1])
          _ = try await channel.receive()
          harm(forwarder)
          do {
            _ = try await channel.receive()
          } catch {
            ends.add(error as? PeerLinkError)
            throw error
          }
        }
      }
      #expect(await ends.reach(2, within: limit))
    }
    return ends.all
  }

  @Test func `a reset is noticed at once by both ends`() async throws {
    let started = ContinuousClock.now
    let ends = try await noticing(within: .seconds(5)) { $0.reset() }
    #expect(ends.allSatisfy { $0 != nil })
    #expect(ContinuousClock.now - started < .seconds(5))
  }

  @Test func `packets that vanish are noticed by both ends`() async throws {
    let started = ContinuousClock.now
    let ends = try await noticing(within: .seconds(10)) { $0.fallSilent() }
    #expect(ends.allSatisfy { $0 != nil })
    #expect(ContinuousClock.now - started < .seconds(10))
  }

  @Test func `a parent that does not answer is given up`() async throws {
    let forwarder = Forwarder()
    defer { forwarder.stop() }
    forwarder.fallSilent()
    var settings = Self.quick()
    settings.openTimeout = .milliseconds(600)
    let started = ContinuousClock.now
    try await LinkPair.usual(region, settings: settings, through: forwarder).run { _ in
    } child: { dialer in
      await #expect(throws: PeerLinkError.self) { try await dialer.connect { _ in } }
    }
    #expect(ContinuousClock.now - started < .seconds(8))
  }

  @Test func `nobody at the parent's address is unreachable, with the address`() async throws {
    let county = try region.authority("450103000000")
    let child = try region.credentials("450103001000", from: county)
    let dialer = GRPCPeerDialer(
      address: try #require(PeerAddress(host: "127.0.0.1", port: 1)),
      parent: try #require(NodeID("450103000000")), credentials: child,
      time: { TestRegion.today })
    let started = ContinuousClock.now
    do {
      try await dialer.connect { _ in }
      Issue.record("somebody answered")
    } catch let PeerLinkError.unreachable(words) {
      #expect(words.contains("127.0.0.1:1"))
      #expect(words.contains("refused"))
    }
    #expect(ContinuousClock.now - started < .seconds(3))
  }

  @Test func `a port that is taken is an error with the address`() async throws {
    let pair = try LinkPair.usual(region)
    let credentials = try region.credentials("450103000000")
    try await pair.run { _ in
    } child: { _ in
      let port = try await (pair.listener as? GRPCPeerListener)?.port ?? 0
      let second = GRPCPeerListener(
        address: try #require(PeerAddress(host: "127.0.0.1", port: port)),
        credentials: credentials, time: { TestRegion.today }, refused: { _ in })
      do {
        try await second.run { _ in }
        Issue.record("the port was bound twice")
      } catch let PeerLinkError.unreachable(words) {
        #expect(words.contains("127.0.0.1:\(port)"))
      }
    }
  }

  @Test func `a frame larger than the listener takes ends that channel with the reason`()
    async throws
  {
    var large = TransportSettings()
    large.maximumFrameBytes = 4 * 1024 * 1024
    let ends = Findings<PeerLinkError?>()
    try await LinkPair.usual(region, childSettings: large).run { channel in
      do {
        while try await channel.receive() != nil {}
        ends.add(nil)
      } catch {
        ends.add(error as? PeerLinkError)
      }
    } child: { dialer in
      do {
        try await dialer.connect { channel in
          try await channel.send([UInt8](repeating: 0, count: 300 * 1024))
          _ = try await channel.receive()
        }
        Issue.record("the large frame was taken")
      } catch {
        // Reset or refused: the listener's own words are what counts.
      }
      #expect(await ends.reach(1))
      // The listener goes on.
      try await dialer.connect { try await $0.send([1]) }
    }
    #expect(ends.all.first == .frameUnreadable(limit: PeerLinkLimits.frameBytes))
  }

  @Test func `one link breaks and the other goes on`() async throws {
    let county = try region.authority("450103000000")
    let parent = try region.credentials("450103000000", from: county)
    let forwarder = Forwarder()
    defer { forwarder.stop() }
    let pair = try LinkPair.grpc(
      region, parent: parent, child: region.credentials("450103001000", from: county),
      settings: Self.quick())
    let other = try region.credentials("450103002000", from: county)
    let rounds = Findings<Int>()
    let breaks = Findings<Bool>()
    try await pair.run { channel in
      while let frame = try? await channel.receive() { try? await channel.send(frame) }
    } child: { healthy in
      let port = try await (pair.listener as? GRPCPeerListener)?.port ?? 0
      let doomed = GRPCPeerDialer(
        address: try #require(
          PeerAddress(host: "127.0.0.1", port: try forwarder.start(to: port))),
        parent: parent.node, credentials: other, settings: Self.quick(),
        time: { TestRegion.today })
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for _ in 0..<5 {
            try? await doomed.connect { channel in
              try await channel.send([1])
              _ = try await channel.receive()
              forwarder.reset()
              _ = try await channel.receive()
            }
            breaks.add(true)
          }
        }
        try await healthy.connect { channel in
          while breaks.all.count < 5 || rounds.all.count < 50 {
            try await channel.send([2])
            guard try await channel.receive() == [2] else { break }
            rounds.add(1)
            try await Task.sleep(for: .milliseconds(5))
          }
        }
        try await group.waitForAll()
      }
    }
    #expect(breaks.all.count == 5)
    #expect(rounds.all.count >= 50)
  }

  @Test func `a round trip after bulk on the same connection stays short`() async throws {
    let bulk = [UInt8](repeating: 7, count: PeerLinkLimits.frameBytes)
    let times = Findings<Duration>()
    try await LinkPair.usual(region).run { channel in
      while let frame = try? await channel.receive() {
        if frame.count < 100 { try? await channel.send(frame) }
      }
    } child: { dialer in
      try await dialer.connect { channel in
        let started = ContinuousClock.now
        for _ in 0..<400 { try await channel.send(bulk) }
        try await channel.send([1])
        _ = try await channel.receive()
        print("100 MiB in 256 KiB frames:", ContinuousClock.now - started)
        for _ in 0..<200 {
          let sent = ContinuousClock.now
          try await channel.send([1, 2, 3])
          _ = try await channel.receive()
          times.add(ContinuousClock.now - sent)
        }
      }
    }
    let median = try #require(times.all.sorted().dropFirst(100).first)
    print("median round trip after bulk:", median)
    #expect(median < .milliseconds(5))
  }
}
