import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

@Suite("A child that sends too much", .timeLimit(.minutes(2)))
struct FloodTests {
  private func weight(_ change: (inout ParcelWeight) -> Void) -> ParcelWeight {
    var weight = ParcelWeight()
    change(&weight)
    return weight
  }

  @Test("each bound ends the link with its own words, and a minute gives all of it back")
  func bounds() throws {
    var limits = IntakeLimits()
    limits.bytesPerMinute = 100
    limits.changesPerMinute = 100
    limits.fieldsPerMinute = 100
    limits.baseEntriesPerMinute = 100
    limits.newKeysPerMinute = 100
    let weights = [
      ("bytes", weight { $0.bytes = 51 }), ("changes", weight { $0.changes = 51 }),
      ("fields", weight { $0.fields = 51 }), ("base entries", weight { $0.baseEntries = 51 }),
      ("new keys", weight { $0.newKeys = 51 }),
    ]
    for (what, weight) in weights {
      var allowance = IntakeAllowance(limits, now: 0)
      try allowance.take(weight, now: 0)
      let refusal = #expect(throws: LinkRefusal.self) { try allowance.take(weight, now: 1) }
      #expect(refusal?.code == .flood)
      #expect(refusal?.detail.contains(" \(what) ") == true)
      try allowance.take(weight, now: 60_000_000)
      #expect(throws: LinkRefusal.self) { try allowance.take(weight, now: 59_000_000) }
      #expect(throws: LinkRefusal.self) { try allowance.take(weight, now: .min) }
    }
  }

  @Test("what is too much is refused before anything of it is opened")
  func beforeOpening() async throws {
    let (town, village) = (try Place.town, try Place.village)
    let tree = FakeTree { $0.link.intake.bytesPerMinute = 1 }
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(village, LinkConvergenceTests.keys("v", 20))
    let isRecorded = await eventually {
      tree.store(town).state.quarantine.contains { $0.code == "link.flood" }
    }
    #expect(isRecorded)
    let engine = try #require(try tree.service(town).engine as? FakeEngine)
    #expect(engine.opened.count == 0)
    await tree.end()
  }

  @Test("a flood ends the child's link, is recorded, and dialling again brings nothing")
  func link() async throws {
    let (town, village) = (try Place.town, try Place.village)
    let tree = FakeTree {
      $0.link.parcelEntries = 10
      $0.link.intake.bytesPerMinute = 1000
    }
    tree.start(town)
    tree.start(village, parent: town)
    tree.write(village, LinkConvergenceTests.keys("v", 2000))
    let isRecorded = await eventually {
      tree.store(town).state.quarantine.contains { $0.code == "link.flood" }
    }
    #expect(isRecorded)
    let dials = Mutex(0)
    tree.network.faults(of: village).set { direction, _, frame in
      if direction == .up, frame[1] == Frame.Tag.hello.rawValue { dials.withLock { $0 += 1 } }
      return .deliver
    }
    let dialsAgain = await eventually { dials.withLock { $0 } >= 4 }
    #expect(dialsAgain)
    let engine = try #require(try tree.service(town).engine as? FakeEngine)
    // A second gives back a sixtieth.
    #expect((1...1500).contains(engine.opened.bytes), "\(engine.opened.bytes)")
    await tree.end()
  }
}
