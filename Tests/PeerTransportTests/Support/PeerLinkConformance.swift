import PeerLink
import ReplicationCore
import Testing

/// What every implementation of `PeerListener`, `PeerDialer` and `PeerChannel` must do. Each check makes a fresh pair.
struct PeerLinkConformance: Sendable {
  let make: @Sendable () throws -> LinkPair
  let parent: NodeID
  let child: NodeID

  /// Runs every check.
  func run() async throws {
    try await bothEndsKnowEachOther()
    try await framesArriveWholeAndInOrder()
    try await anEndInOrderIsNil()
    try await theParentMayEndFirst()
    try await aFrameAboveTheLimitIsRefusedAndTheChannelGoesOn()
    try await aReceiverThatDoesNotReadStopsTheSender()
    try await theBodysErrorIsHandedOn()
    try await aDialerConnectsAgain()
  }

  func bothEndsKnowEachOther() async throws {
    let seen = Findings<NodeID>()
    try await make().run { channel in
      seen.add(channel.peer)
    } child: { dialer in
      try await dialer.connect { channel in #expect(channel.peer == parent) }
    }
    #expect(seen.all == [child])
  }

  func framesArriveWholeAndInOrder() async throws {
    let count = 1_000
    try await make().run { channel in
      do {
        try await exchange(count, over: channel)
      } catch {
        Issue.record(error)
      }
    } child: { dialer in
      try await dialer.connect { try await exchange(count, over: $0) }
    }
  }

  func anEndInOrderIsNil() async throws {
    let ends = Findings<Bool>()
    try await make().run { channel in
      do {
        let first = try await channel.receive()
        let second = try await channel.receive()
        ends.add(first == [1] && second == nil)
      } catch {
        Issue.record(error)
      }
    } child: { dialer in
      try await dialer.connect { try await $0.send([1]) }
      #expect(await ends.reach(1))
    }
    #expect(ends.all == [true])
  }

  func theParentMayEndFirst() async throws {
    try await make().run { channel in
      try? await channel.send([7])
    } child: { dialer in
      try await dialer.connect { channel in
        let first = try await channel.receive()
        let second = try await channel.receive()
        #expect(first == [7] && second == nil)
      }
    }
  }

  func aFrameAboveTheLimitIsRefusedAndTheChannelGoesOn() async throws {
    let limit = PeerLinkLimits.frameBytes
    let sizes = Findings<Int>()
    try await make().run { channel in
      while let frame = try? await channel.receive() { sizes.add(frame.count) }
    } child: { dialer in
      try await dialer.connect { channel in
        await #expect(throws: PeerLinkError.frameTooLarge(bytes: limit + 1)) {
          try await channel.send([UInt8](repeating: 0, count: limit + 1))
        }
        try await channel.send([UInt8](repeating: 0, count: limit))
        try await channel.send([])
      }
      #expect(await sizes.reach(2))
    }
    #expect(sizes.all == [limit, 0])
  }

  func aReceiverThatDoesNotReadStopsTheSender() async throws {
    let sent = Findings<Void>()
    let frame = [UInt8](repeating: 0, count: PeerLinkLimits.frameBytes)
    try await make().run { _ in
      try? await Task.sleep(for: .seconds(60))
    } child: { dialer in
      try? await dialer.connect { channel in
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            while !Task.isCancelled, (try? await channel.send(frame)) != nil { sent.add(()) }
          }
          try? await Task.sleep(for: .milliseconds(700))
          #expect(sent.all.count < 64, "16 MiB and more went into nowhere")
          group.cancelAll()
        }
        throw CancellationError()
      }
    }
  }

  func theBodysErrorIsHandedOn() async throws {
    struct Mishap: Error, Equatable {}
    try await make().run { channel in
      _ = try? await channel.receive()
    } child: { dialer in
      await #expect(throws: Mishap.self) {
        try await dialer.connect { _ in throw Mishap() }
      }
    }
  }

  func aDialerConnectsAgain() async throws {
    try await make().run { channel in
      while let frame = try? await channel.receive() { try? await channel.send(frame) }
    } child: { dialer in
      for number in 0..<3 {
        try await dialer.connect { channel in
          try await channel.send([UInt8(number)])
          #expect(try await channel.receive() == [UInt8(number)])
        }
      }
    }
  }

  /// Sends `count` numbered frames of many sizes and expects as many, both ways at once.
  private func exchange(_ count: Int, over channel: any PeerChannel) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 0..<count { try await channel.send(Self.frame(number)) }
      }
      for number in 0..<count {
        let frame = try await channel.receive()
        guard frame == Self.frame(number) else {
          Issue.record("frame \(number) is not what was sent")
          break
        }
      }
      try await group.waitForAll()
    }
  }

  private static func frame(_ number: Int) -> [UInt8] {
    let size = number % 50 == 0 ? PeerLinkLimits.frameBytes : number * 13 % 997
    var frame = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
    if size >= 2 {
      frame[0] = UInt8(truncatingIfNeeded: number >> 8)
      frame[size - 1] = UInt8(truncatingIfNeeded: number &* 7)
    }
    return frame
  }
}
