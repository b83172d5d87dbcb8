import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing
import SeededRandom

@Suite("Links with the real rules", .timeLimit(.minutes(3)))
struct ProvenLinkTests {
  private let places = SimulationTree()
  private var county: NodeID { places.counties[0] }
  private var village: NodeID { places.villages[0] }
  private var town: NodeID { places.parents[places.villages[0]] ?? places.region }

  @Test("what a village writes reaches county and region, and what the county adds comes home")
  func thereAndBack() async throws {
    let tree = ProvenTree()
    let all = [places.region, county, town, village]
    for id in all { try tree.start(id, parent: places.parents[id]) }
    tree.create(village, LinkConvergenceTests.keys("v", 300), home: village)
    tree.create(county, LinkConvergenceTests.keys("c", 300), home: village)
    tree.create(village, LinkConvergenceTests.keys("e", 10), home: village, lane: .urgent)
    try await tree.settle(all, count: 610)
    tree.edit(county, "v7", SimulationPolicy.data[0], "corrected by the county")
    let isHome = await eventually {
      let record = tree.store(village).snapshot.records[RecordRef(SimulationPolicy.bulk, "v7")]
      return record?[SimulationPolicy.data[0]].siblings.map(\.value)
        == [.text("corrected by the county")]
    }
    #expect(isHome)
    await tree.end()
  }

  @Test("cut before every k-th frame, both ends end up with the same values")
  func cutAtEveryFrame() async throws {
    for k in 1...16 {
      let tree = ProvenTree { $0.link.parcelEntries = 9 }
      tree.network.faults(of: village).set { _, number, _ in number == k ? .cut : .deliver }
      try tree.start(town)
      try tree.start(village, parent: town)
      tree.create(village, LinkConvergenceTests.keys("v", 40), home: village)
      tree.create(town, LinkConvergenceTests.keys("t", 40), home: village)
      try await tree.settle([town, village], count: 80, "cut before frame \(k)")
      await tree.end()
    }
  }

  @Test("a flipped byte in a parcel is refused and never applied")
  func flipped() async throws {
    let tree = ProvenTree { $0.link.parcelEntries = 5 }
    let isBad = Mutex(true)
    let seed = UInt64.random(in: 0...(.max))
    let random = Mutex(SplitMix64(seed: seed))
    tree.network.faults(of: village).set { _, _, frame in
      guard frame[1] == Frame.Tag.parcel.rawValue, isBad.withLock({ $0 }) else {
        return .deliver
      }
      var frame = frame
      let at = random.withLock { Int.random(in: 2..<frame.count, using: &$0) }
      frame[at] ^= 0x41
      return .replace([frame])
    }
    try tree.start(town)
    try tree.start(village, parent: town)
    tree.create(village, LinkConvergenceTests.keys("v", 40), home: village)
    let isRecorded = await eventually { tree.store(town).snapshot.quarantine.count >= 3 }
    #expect(isRecorded, "seed \(seed)")
    let held = tree.store(town).snapshot.records
    for (_, record) in held {
      for field in record.heldFields.members {
        let mine = tree.store(village).snapshot.records
        #expect(
          record[field].siblings.allSatisfy { sibling in
            mine.values.contains { $0[field].siblings.contains { $0.value == sibling.value } }
          }, "seed \(seed)")
      }
    }
    isBad.withLock { $0 = false }
    let arrives = await eventually { tree.store(town).snapshot.records.count == 40 }
    #expect(arrives, "seed \(seed)")
    await tree.end()
  }

  @Test("a village that lost its place in the feed is caught up by state, through cuts")
  func catchUp() async throws {
    let tree = ProvenTree {
      $0.link.parcelBytes = 8000
      $0.link.windowBytes = 16000
    }
    try tree.start(town)
    tree.create(town, LinkConvergenceTests.keys("t", 300), home: village)
    let isSealed = await eventually { tree.store(town).snapshot.captured.isEmpty }
    #expect(isSealed)
    try await tree.stop(town)
    try tree.store(town).writeNow { try $0.trim(.bulk, below: 301) }
    tree.network.faults(of: village).set { _, number, _ in number % 11 == 0 ? .cut : .deliver }
    try tree.start(town)
    try tree.start(village, parent: town)
    tree.create(village, ["own"], home: village)
    try await tree.settle([town, village], count: 301)
    await tree.end()
  }

  @Test("rate over one link")
  func rate() async throws {
    let count = 20_000
    let tree = ProvenTree()
    try tree.start(town)
    try tree.start(village, parent: town)
    let began = ContinuousClock.now
    tree.create(village, LinkConvergenceTests.keys("v", count), home: village)
    let isThere = await eventually(within: .seconds(60)) {
      tree.store(town).snapshot.records.count == count
    }
    let time = ContinuousClock.now - began
    #expect(isThere)
    print("sealed, sent, verified and applied in memory: \(count) records in \(time)")
    await tree.end()
  }
}
