import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

@Suite("Links between services", .timeLimit(.minutes(2)))
struct LinkConvergenceTests {
  static func keys(_ prefix: String, _ count: Int) -> [String] {
    (0..<count).map { "\(prefix)\($0)" }
  }

  @Test("what is written at either end of a chain of three reaches all, on both lanes")
  func threeNodes() async throws {
    let tree = FakeTree()
    let (county, town, village) = (try Place.county, try Place.town, try Place.village)
    tree.start(county)
    tree.start(town, parent: county)
    tree.start(village, parent: town)
    tree.write(village, Self.keys("v", 3000))
    tree.write(county, Self.keys("c", 2000))
    tree.write(town, Self.keys("t", 10), lane: .urgent)
    try await tree.settle([county, town, village], count: 5010)
    let quiet = await eventually {
      let all = try? await tree.service(town).linkStatuses()
      return all?.allSatisfy { $0.state == .live && $0.toSend + $0.unacknowledged == 0 } ?? false
    }
    let statuses = try await tree.service(town).linkStatuses()
    #expect(quiet, "\(statuses)")
    await tree.end()
  }

  @Test("cut before every k-th frame, nothing is lost or doubled")
  func cutAtEveryFrame() async throws {
    for k in 1...24 {
      let tree = FakeTree {
        $0.link.parcelEntries = 7
        $0.link.transactionParcels = 2
      }
      let (town, village) = (try Place.town, try Place.village)
      tree.network.faults(of: village).set { _, number, _ in number == k ? .cut : .deliver }
      tree.start(town)
      tree.start(village, parent: town)
      tree.write(village, Self.keys("v", 60))
      tree.write(town, Self.keys("t", 40))
      try await tree.settle([town, village], count: 100, "cut before frame \(k)")
      let archived = tree.store(village).state.archived.map(\.ref.key)
      #expect(archived.count == Set(archived).count, "archived twice, cut before frame \(k)")
      await tree.end()
    }
  }

  @Test(
    "an acknowledgement becomes durable behind the parcels that came before it, however many wait")
  func acknowledgementInPlace() async throws {
    let tree = FakeTree {
      $0.link.parcelEntries = 3
      $0.link.transactionParcels = 2
    }
    let (town, village) = (try Place.town, try Place.village)
    let wire = Mutex((received: UInt64(1), behind: [UInt64: UInt64]()))
    tree.network.faults(of: village).set { direction, _, frame in
      guard direction == .down, let frame = try? Frame(decoding: frame) else { return .deliver }
      wire.withLock { wire in
        switch frame {
        case .parcel(let bytes):
          guard let parcel = try? UnverifiedParcel(decoding: bytes),
            case .feed(_, let next) = parcel.span
          else { return }
          wire.received = next
        case .acknowledgement(.bulk, _, let next): wire.behind[next] = wire.received
        default: break
        }
      }
      return .deliver
    }
    tree.store(village).delay.withLock { $0 = .milliseconds(10) }
    tree.start(town)
    tree.start(village, parent: town)
    for round in 0..<10 {
      tree.write(town, Self.keys("t\(round).", 40))
      tree.write(village, Self.keys("v\(round).", 10))
      try await Task.sleep(for: .milliseconds(20))
    }
    try await tree.settle([town, village], count: 500)
    let behind = wire.withLock { $0.behind }
    let durable = tree.store(village).state.acknowledgedAt
    #expect(durable.contains { behind[$0.next] != nil })
    for (next, received) in durable {
      #expect(received >= behind[next] ?? 1, "\(next) was acknowledged behind \(behind[next] ?? 1)")
    }
    await tree.end()
  }

  @Test("a link that breaks again and again still gets everything through")
  func flapping() async throws {
    // A small window: what a cut finds on the way is lost, and all of a large one could be.
    let tree = FakeTree {
      $0.link.parcelEntries = 5
      $0.link.windowBytes = 50
    }
    let (town, village) = (try Place.town, try Place.village)
    tree.network.faults(of: village).set { _, number, _ in number % 9 == 0 ? .cut : .deliver }
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(village, Self.keys("v", 200))
    tree.write(town, Self.keys("t", 200))
    try await tree.settle([town, village], count: 400)
    await tree.end()
  }

  @Test("a node that is killed and started again goes on where its store stands")
  func killed() async throws {
    let tree = FakeTree { $0.link.parcelEntries = 20 }
    let (county, town, village) = (try Place.county, try Place.town, try Place.village)
    tree.start(county)
    tree.start(town, parent: county)
    tree.start(village, parent: town)
    tree.write(village, Self.keys("v", 2000))
    for _ in 0..<3 {
      try await Task.sleep(for: .milliseconds(15))
      try await tree.kill(town)
      tree.start(town, parent: county)
    }
    try await tree.settle([county, town, village], count: 2000)
    await tree.end()
  }

  @Test("a slow receiver never has more than the window on the way, and the urgent lane passes")
  func slowReceiver() async throws {
    let window: UInt64 = 4000
    let tree = FakeTree {
      $0.link.windowBytes = window
      $0.link.parcelBytes = 1000
    }
    let (town, village) = (try Place.town, try Place.village)
    tree.store(town).delay.withLock { $0 = .milliseconds(20) }
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(village, Self.keys("a rather long key, so that parcels fill up ", 1000))
    var most: UInt64 = 0
    var isWritten = false
    let session = try tree.service(village).board
    let isUrgentFirst = await eventually {
      most = max(most, session.unacknowledgedBytes)
      if most > 2000, !isWritten {
        isWritten = true
        tree.write(village, ["fire"], lane: .urgent)
      }
      let held = tree.held(town)
      return held[RecordRef(FakeEngine.urgent, "fire")] != nil && held.count < 1001
    }
    #expect(isUrgentFirst)
    tree.store(town).delay.withLock { $0 = .zero }
    try await tree.settle([town, village], count: 1001)
    #expect(most > 1000 && most < window + 2000, "\(most) bytes on the way")
    await tree.end()
  }

  @Test("a village without a policy gets catalog and policy first, through a town that had none")
  func documentsFirst() async throws {
    let tree = FakeTree()
    let (county, town, village) = (try Place.county, try Place.town, try Place.village)
    let catalog = FakeDocuments.document(.catalog, bytes: 300_000)
    let policy = FakeDocuments.document(.policy)
    tree.start(village, parent: town, hasPolicy: false)
    tree.start(town, parent: county, hasPolicy: false)
    tree.write(village, Self.keys("v", 10))
    tree.store(county).edit { $0.documents = [catalog, policy] }
    let isWaiting = await eventually {
      (try? await tree.service(village).linkStatuses())?.first?.state == .live
    }
    #expect(isWaiting)
    #expect(tree.held(town).isEmpty && tree.held(village).isEmpty)
    tree.start(county)
    tree.write(county, Self.keys("c", 10))
    try await tree.settle([county, town, village], count: 20)
    #expect(tree.store(village).state.documents.contains(policy))
    await tree.end()
  }

  @Test("documents that are adopted while a link opens count for that link")
  func adoptedWhileOpening() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    let documents = [FakeDocuments.document(.catalog), FakeDocuments.document(.policy)]
    tree.start(town, hasPolicy: false)
    try await Task.sleep(for: .milliseconds(100))
    // The link's opening waits for the store; meanwhile the town gets its rules.
    tree.store(town).delay.withLock { $0 = .milliseconds(400) }
    tree.store(village).edit { $0.documents = documents }
    tree.start(village, parent: town)
    try await Task.sleep(for: .milliseconds(150))
    tree.store(town).delay.withLock { $0 = .zero }
    tree.store(town).edit { $0.documents = documents }
    try await tree.service(town).adopt(stored: documents)
    tree.write(village, ["v1"])
    tree.write(town, ["t1"])
    try await tree.settle([town, village], count: 2, within: .seconds(8))
    await tree.end()
  }

  @Test("documents that are adopted while older ones are sent follow them, and a catch-up goes on")
  func adoptedWhileSending() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    let old = [FakeDocuments.document(.catalog), FakeDocuments.document(.policy)]
    let new = [FakeDocuments.document(.catalog), FakeDocuments.document(.policy, epoch: 2)]
    tree.store(town).edit { $0.documents = old }
    tree.start(town)
    // The village owes a catch-up, which waits for the newest rules.
    tree.store(village).edit { state in
      state.held[RecordRef(FakeEngine.bulk, "v")] = 1
      state.links[town] = LinkState()
      state.links[town]?.bulk.catchUpPosition = 0
    }
    tree.store(town).edit { $0.links[village, default: LinkState()].bulk.catchUpPosition = 0 }
    try await Task.sleep(for: .milliseconds(100))
    tree.store(town).answerDelay.withLock { $0 = .milliseconds(400) }
    tree.start(village, parent: town, hasPolicy: false)
    try await Task.sleep(for: .milliseconds(200))
    tree.store(town).answerDelay.withLock { $0 = .zero }
    tree.store(town).edit { $0.documents = new }
    try await tree.service(town).adopt(stored: new)
    try await tree.settle([town, village], count: 1, within: .seconds(8))
    #expect(tree.store(village).state.documents.contains { $0.epoch == 2 })
    let isLive = await eventually {
      (try? await tree.service(village).linkStatuses())?.first?.state == .live
    }
    #expect(isLive)
    await tree.end()
  }

  @Test("a position that is trimmed away is caught up by state, and a cut in it resumes")
  func catchUpByState() async throws {
    let tree = FakeTree {
      $0.link.parcelBytes = 300
      $0.link.windowBytes = 600
    }
    let (town, village) = (try Place.town, try Place.village)
    tree.store(town).edit { state in
      for key in Self.keys("t", 500) { state.held[RecordRef(FakeEngine.bulk, key)] = 1 }
      state.firstKept[.bulk] = 501
    }
    let faults = tree.network.faults(of: village)
    faults.set { _, number, _ in number % 25 == 0 ? .cut : .deliver }
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(town, Self.keys("later", 5))
    tree.write(village, Self.keys("v", 5))
    try await tree.settle([town, village], count: 510)
    #expect(tree.store(village).state.links[town]?.bulk.catchUpPosition == nil)
    // Each cut resumes: far fewer frames than a dozen catch-ups from the beginning.
    #expect(faults.count < 500, "\(faults.count) frames")
    await tree.end()
  }

  @Test("a child of a new incarnation and its parent catch up by state in both directions")
  func newIncarnation() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(village, Self.keys("v", 20))
    tree.write(town, Self.keys("t", 20))
    try await tree.settle([town, village], count: 40)
    try await tree.stop(village)
    tree.store(village).edit { state in
      state.held = [:]
      state.feed = [:]
      state.links = [:]
      for lane in Lane.allCases {
        state.chains[lane] = ChainHead(incarnation: 2, nextIndex: 1, previous: .zero)
      }
    }
    tree.start(village, parent: town)
    try await tree.settle([town, village], count: 40)
    tree.write(village, ["new"])
    try await tree.settle([town, village], count: 41)
    #expect(tree.store(town).state.links[village]?.peerIncarnation == 2)
    await tree.end()
  }

  @Test("a stop drains: what was written is sealed, what came is committed, the peer shows why")
  func drains() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(village, Self.keys("v", 10))
    try await tree.settle([town, village], count: 10)
    try await tree.stop(town)
    let isTold = await eventually {
      let status = try? await tree.service(village).linkStatuses().first
      return status?.state == .connecting && status?.reason.isEmpty == false
    }
    #expect(isTold)
    await tree.end()
  }

  @Test("one commit crosses a link within milliseconds")
  func latency() async throws {
    let tree = FakeTree()
    let (town, village) = (try Place.town, try Place.village)
    tree.start(town)
    tree.start(village, parent: town)
    try await tree.settle([town, village], count: 0)
    var times: [Duration] = []
    for n in 0..<200 {
      let began = ContinuousClock.now
      tree.write(village, ["k\(n)"])
      while tree.held(town).count <= n { await Task.yield() }
      times.append(ContinuousClock.now - began)
    }
    times.sort()
    print("one link, no database: p50 \(times[100]), p99 \(times[197])")
    #expect(times[100] < .milliseconds(20))
    await tree.end()
  }
}
