import NodeIdentity
import PeerLink
import PeerTransport
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

@Suite("A bad peer", .timeLimit(.minutes(2)))
struct LinkMisfortuneTests {
  /// Runs a town with a good village and a bad one, whose every frame of data upwards has this fate; the bad link must end with a code, and the good one go on.
  private func bad(
    _ codes: Set<LinkRefusal.Code>, over wires: WiredNetwork? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ fate: @escaping @Sendable ([UInt8]) -> FrameFate
  ) async throws {
    let tree = FakeTree(over: wires) { $0.link.parcelEntries = 10 }
    let (town, village, hamlet) = (try Place.town, try Place.village, try Place.hamlet)
    let isBad = Mutex(true)
    tree.network.faults(of: hamlet).set { direction, _, frame in
      let isData = frame.count > 1 && frame[1] == Frame.Tag.parcel.rawValue
      guard direction == .up, isData, isBad.withLock({ $0 }) else { return .deliver }
      return fate(frame)
    }
    tree.start(town)
    tree.start(village, parent: town)
    tree.start(hamlet, parent: town)
    tree.write(hamlet, LinkConvergenceTests.keys("h", 50))
    let isRecorded = await eventually { !tree.store(town).state.quarantine.isEmpty }
    #expect(isRecorded, sourceLocation: sourceLocation)
    let found = Set(tree.store(town).state.quarantine.map(\.code))
    #expect(
      found.isSubset(of: Set(codes.map { "link.\($0.rawValue)" })), "\(found)",
      sourceLocation: sourceLocation)
    // The other link goes on.
    tree.write(village, LinkConvergenceTests.keys("v", 50))
    let goesOn = await eventually {
      let held = tree.held(town).keys
      return held.count { $0.key.hasPrefix("v") } == 50
    }
    #expect(goesOn, "the good child was disturbed", sourceLocation: sourceLocation)
    let links = try await tree.service(town).linkStatuses()
    #expect(
      links.first { $0.peer == village }?.state == .live, sourceLocation: sourceLocation)
    // The fault over, the bad one comes through, without loss.
    isBad.withLock { $0 = false }
    try await tree.settle([town, village, hamlet], count: 100, sourceLocation: sourceLocation)
    await tree.end()
  }

  /// In memory, and over gRPC with TLS: a channel keeps order, a peer need not.
  static let ways: [Bool] = [false, true]

  private func wires(_ isWired: Bool) throws -> WiredNetwork? {
    isWired ? try WiredNetwork([Place.town, Place.village, Place.hamlet]) : nil
  }

  @Test("a malformed frame", arguments: ways)
  func malformed(isWired: Bool) async throws {
    try await bad([.malformed, .unsupported], over: wires(isWired)) { frame in
      var frame = frame
      frame[min(2, frame.count - 1)] = 0xFF
      return .replace([frame])
    }
  }

  @Test("a frame that is no frame at all")
  func garbage() async throws {
    try await bad([.malformed, .unsupported]) { _ in .replace([[0xDE, 0xAD]]) }
  }

  @Test("an empty frame", arguments: ways)
  func empty(isWired: Bool) async throws {
    try await bad([.malformed], over: wires(isWired)) { _ in .replace([[]]) }
  }

  @Test("a truncated frame")
  func truncated() async throws {
    try await bad([.malformed]) { .replace([Array($0.dropLast(3))]) }
  }

  @Test("an oversized frame", arguments: ways)
  func oversized(isWired: Bool) async throws {
    try await bad([.oversized], over: wires(isWired)) {
      .replace([$0 + [UInt8](repeating: 0, count: FrameLimits.frameBytes)])
    }
  }

  @Test("a replayed frame", arguments: ways)
  func replayed(isWired: Bool) async throws {
    try await bad([.replayed], over: wires(isWired)) { .replace([$0, $0]) }
  }

  @Test("a lost frame", arguments: ways)
  func lost(isWired: Bool) async throws {
    let count = Mutex(0)
    try await bad([.outOfOrder], over: wires(isWired)) { _ in
      count.withLock { count in
        count += 1
        return count % 3 == 2
      } ? .replace([]) : .deliver
    }
  }

  @Test("frames in the wrong order", arguments: ways)
  func reordered(isWired: Bool) async throws {
    let kept = Mutex<[UInt8]?>(nil)
    try await bad([.outOfOrder, .replayed], over: wires(isWired)) { frame in
      let first = kept.withLock { kept in
        defer { kept = kept == nil ? frame : nil }
        return kept
      }
      return first.map { .replace([frame, $0]) } ?? .replace([])
    }
  }

  @Test("a document from below")
  func documentFromBelow() async throws {
    let part = try #require(FakeDocuments.document(.policy, epoch: 9).parts().first)
    try await bad([.unexpected]) { _ in .replace([Frame.document(part).encoded()]) }
  }

  @Test("a policy that the region did not sign is refused and not kept")
  func forgedPolicy() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    tree.store(town).edit {
      $0.documents = [FakeDocuments.document(.policy, epoch: 1, signature: 2)]
    }
    tree.start(town)
    tree.start(village, parent: town, hasPolicy: false)
    let isRecorded = await eventually {
      tree.store(village).state.quarantine.first?.code == "link.document_refused"
    }
    #expect(isRecorded)
    #expect(tree.store(village).state.documents.isEmpty)
    let status = try #require(try await tree.service(village).linkStatuses().first)
    #expect(status.reason.contains("document_refused"))
    await tree.end()
  }

  @Test("a town that lost its disk hears of it from its child, begins anew, and is not refused")
  func restored() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(town, LinkConvergenceTests.keys("t", 20))
    try await tree.settle([town, village], count: 20)
    try await tree.stop(town)
    tree.store(town).edit { $0 = FakeState() }
    tree.start(town)
    try await tree.settle([town, village], count: 20)
    #expect(tree.store(town).state.chains[.bulk]?.incarnation == 2)
    tree.write(town, ["after"])
    try await tree.settle([town, village], count: 21)
    for id in [town, village] {
      #expect(tree.store(id).state.quarantine.isEmpty, "at \(id)")
      #expect(try await tree.service(id).linkStatuses().first?.state == .live, "at \(id)")
    }
    await tree.end()
  }

  @Test("a stranger is turned away, and a parent at the wrong address")
  func strangers() async throws {
    let tree = FakeTree()
    let (town, elsewhere) = (try Place.town, try Place.elsewhere)
    tree.start(town)
    tree.start(elsewhere, parent: town)
    let isRefused = await eventually {
      let status = try? await tree.service(elsewhere).linkStatuses().first
      return status?.reason.contains("not_related") == true
    }
    #expect(isRefused)
    #expect(tree.store(town).state.links.isEmpty)
    await tree.end()
  }

  @Test(
    "a child with an ended certificate reads that it is refused and what to do, its parent who it was"
  )
  func endedCertificate() async throws {
    let (town, village) = (try Place.town, try Place.village)
    let wires = try WiredNetwork([town, village], ended: [village])
    let tree = FakeTree(over: wires)
    tree.start(town)
    tree.start(village, parent: town)
    let isSaid = await eventually {
      (try? await tree.service(village).linkStatuses().first?.state) == .refused
    }
    let status = try #require(try await tree.service(village).linkStatuses().first)
    #expect(isSaid, "\(status)")
    #expect(status.reason.hasPrefix("certificate_refused: "))
    #expect(status.reason.contains("node \(village) ended 3 days ago; renew it"))
    let refused = try #require(wires.refused.all.first)
    #expect(refused.certificate.claimed == .node(village))
    #expect(refused.certificate.reason.code == "certificate-expired")
    #expect(refused.certificate.isGenuine && refused.count >= 1)
    await tree.end()
  }

  @Test("a silent cut is noticed, and the link comes back")
  func silence() async throws {
    let tree = FakeTree {
      $0.link.heartbeat = .milliseconds(20)
      $0.link.silentHeartbeats = 3
    }
    let (town, village) = (try Place.town, try Place.village)
    tree.start(town)
    tree.start(village, parent: town)
    try await tree.settle([town, village], count: 0)
    let faults = tree.network.faults(of: village)
    faults.set { _, _, _ in .replace([]) }
    tree.write(village, ["unheard"])
    try await Task.sleep(for: .milliseconds(150))
    #expect(tree.held(town).isEmpty)
    faults.set(nil)
    try await tree.settle([town, village], count: 1)
    await tree.end()
  }

  @Test("a held link carries nothing and says so; let go, it catches up")
  func paused() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    tree.start(town)
    tree.start(village, parent: town)
    try await tree.settle([town, village], count: 0)
    #expect(try tree.service(village).setPaused(true, town))
    let isHeld = await eventually {
      (try? await tree.service(village).linkStatuses().first?.state) == .paused
    }
    #expect(isHeld)
    tree.write(village, ["later"])
    let waits = await eventually {
      (try? await tree.service(village).linkStatuses().first?.toSend) == 1
    }
    #expect(waits)
    #expect(tree.held(town).isEmpty)
    #expect(try tree.service(village).setPaused(false, town))
    try await tree.settle([town, village], count: 1)
    await tree.end()
  }
}
