import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

@Suite("Comparing two ends by digest", .timeLimit(.minutes(3)))
struct CompareTests {
  private let places = SimulationTree()
  private var village: NodeID { places.villages[0] }
  private var neighbour: NodeID { places.villages[1] }
  private var town: NodeID { places.parents[places.villages[0]] ?? places.region }

  private func ref(_ key: String) -> RecordRef { RecordRef(SimulationPolicy.bulk, key) }

  /// A town and a village with records of both, at rest.
  private func settled(
    _ count: Int = 300, _ tune: @escaping @Sendable (inout NodeSettings) -> Void = { _ in }
  ) async throws -> ProvenTree {
    let tree = ProvenTree(tune)
    try tree.start(town)
    try tree.start(village, parent: town)
    tree.create(village, LinkConvergenceTests.keys("v", count), home: village)
    tree.create(town, LinkConvergenceTests.keys("t", count), home: village)
    tree.create(village, LinkConvergenceTests.keys("e", 5), home: village, lane: .urgent)
    // What lies in another village is none of this link's.
    tree.create(town, LinkConvergenceTests.keys("n", count), home: neighbour)
    let isSettled = await eventually(within: .seconds(30)) {
      tree.store(town).snapshot.records.count == 3 * count + 5
        && tree.store(village).snapshot.records.count == 2 * count + 5
    }
    #expect(isSettled)
    return tree
  }

  @Test("equal ends compare equal from either end, and records of others are not counted")
  func equal() async throws {
    let tree = try await settled()
    for (me, peer) in [(village, town), (town, village)] {
      let report = try await tree.service(me).compare(with: peer)
      #expect(report.result.compared == 605 && report.result.equal == 605, "\(report)")
      #expect(report.different.isEmpty)
    }
    let told = await eventually {
      let links = (try? await tree.service(village).linkStatuses()) ?? []
      return links.first?.comparison?.compared == 605
    }
    #expect(told)
    await tree.end()
  }

  @Test("what is lost, old or foreign at one end is found by name, mended, and equal afterwards")
  func repaired() async throws {
    for (me, peer) in [(village, town), (town, village)] {
      let tree = try await settled(200)
      let first = tree.store(village).snapshot.records[ref("v7")]
      let field = SimulationPolicy.data[0]
      tree.edit(town, "v7", field, "newer")
      let isHome = await eventually {
        tree.store(village).snapshot.records[ref("v7")]?[field].siblings.map(\.value)
          == [.text("newer")]
      }
      #expect(isHome)
      tree.store(village).mutate { state in
        state.records[ref("v7")] = first
        state.records[ref("t3")] = nil
        state.records[ref("t4")]?[field] = Register()
      }
      tree.store(town).mutate { state in
        for key in LinkConvergenceTests.keys("v", 200) where key.hasPrefix("v5") {
          state.records[ref(key)] = nil
        }
      }
      let found = try await tree.service(me).compare(with: peer)
      let keys = Set(found.different.map(\.ref.key))
      let lost = LinkConvergenceTests.keys("v", 200).filter { $0.hasPrefix("v5") }
      #expect(keys == Set(["v7", "t3", "t4"] + lost))
      #expect(found.different.first { $0.ref.key == "t4" }?.fields == [field])
      let mended = try await tree.service(me).compare(with: peer, repairs: true)
      #expect(mended.result.repaired == UInt64(keys.count) && mended.result.different == 0)
      let again = try await tree.service(me).compare(with: peer)
      #expect(again.result.equal == 405 && again.result.compared == 405, "\(again)")
      #expect(tree.store(town).snapshot.quarantine.isEmpty)
      #expect(tree.store(village).snapshot.quarantine.isEmpty)
      await tree.end()
    }
  }

  @Test("a value that nobody can prove is set aside where it stands alone, and what it hid comes")
  func unproved() async throws {
    for (me, peer) in [(village, town), (town, village)] {
      let tree = try await settled(20)
      let field = SimulationPolicy.data[0]
      let before = tree.store(town).snapshot.records
      for (broken, key) in [(village, "t3"), (town, "v3")] {
        tree.store(broken).mutate { state in
          let held = state.records[ref(key)]?[field] ?? Register()
          let invented = Dot(Replica(node: neighbour, incarnation: 1, lane: .bulk), 900)
          let sibling = Sibling(
            dot: invented, value: .text("by hand"), rank: 0, time: 1, base: held.context,
            side: .own)
          state.records[ref(key)]?[field] = Register([sibling])
        }
      }
      let found = try await tree.service(me).compare(with: peer)
      #expect(found.different.map(\.ref.key) == ["t3", "v3"])
      let mended = try await tree.service(me).compare(with: peer, repairs: true)
      #expect(mended.result.repaired == 2 && mended.result.different == 0, "\(mended)")
      for id in [town, village] {
        for key in ["t3", "v3"] {
          let register = tree.store(id).snapshot.records[ref(key)]?[field]
          #expect(register?.dots == before[ref(key)]?[field].dots, "\(key) at \(id)")
        }
        let noted = tree.store(id).snapshot.quarantine
        #expect(noted.map(\.code) == ["unproved"] && noted.map(\.proof) == [nil])
      }
      await tree.end()
    }
  }

  @Test(
    "a parent that lost the move of a record hears of it before it speaks, and withdraws nothing")
  func forgottenMove() async throws {
    for (me, peer) in [(village, town), (town, village)] {
      let tree = try await settled(20)
      let field = SimulationPolicy.data[0]
      let moved = ref("n7")
      let before = tree.store(town).snapshot.records[moved]
      tree.edit(town, "n7", SimulationPolicy.home, village.code.description)
      let hasCome = await eventually {
        tree.store(village).snapshot.records[moved]?.isHeld == true
      }
      #expect(hasCome)
      tree.edit(village, "n7", field, "known in the village")
      let isTold = await eventually {
        tree.store(town).snapshot.records[moved]?[field].siblings.map(\.value)
          == [.text("known in the village")]
      }
      #expect(isTold)
      tree.store(town).mutate { $0.records[moved] = before }
      let mended = try await tree.service(me).compare(with: peer, repairs: true)
      #expect(mended.result.repaired == 1 && mended.result.different == 0, "\(mended)")
      for id in [town, village] {
        let record = tree.store(id).snapshot.records[moved]
        #expect(record?.isHeld == true, "at \(id)")
        #expect(record?[field].siblings.map(\.value) == [.text("known in the village")], "at \(id)")
      }
      let kept = tree.store(village).snapshot.archive.count
      #expect(kept == 0)
      await tree.end()
    }
  }

  @Test("while both ends write, what is under way is not taken for a difference")
  func whileWriting() async throws {
    let tree = try await settled(100) { $0.link.parcelEntries = 3 }
    let stop = Mutex(false)
    let writer = Task {
      var number = 0
      while !stop.withLock({ $0 }) {
        number += 1
        tree.edit(
          number % 2 == 0 ? village : town, "v\(number % 50)", SimulationPolicy.data[0], "\(number)"
        )
        try? await Task.sleep(for: .milliseconds(3))
      }
    }
    for round in 0..<6 {
      let (me, peer) = round % 2 == 0 ? (village, town) : (town, village)
      let report = try await tree.service(me).compare(with: peer)
      #expect(report.result.different == 0, "\(report)")
    }
    stop.withLock { $0 = true }
    await writer.value
    await tree.end()
  }

  @Test("what waits for a locked row at one end is under way, and no difference")
  func parkedIsUnderWay() async throws {
    let tree = try await settled(50)
    tree.store(town).mutate { $0.busy = [ref("v7")] }
    tree.edit(village, "v7", SimulationPolicy.data[0], "waits")
    let isParked = await eventually { tree.store(town).snapshot.parked.count == 1 }
    #expect(isParked)
    let report = try await tree.service(village).compare(with: town)
    #expect(report.result.different == 0 && report.result.moving == 1, "\(report)")
    tree.store(town).mutate { $0.busy = [] }
    let isApplied = await eventually { tree.store(town).snapshot.parked.isEmpty }
    #expect(isApplied)
    let again = try await tree.service(village).compare(with: town)
    #expect(again.result.equal == 105, "\(again)")
    await tree.end()
  }

  @Test("no key outside the peer's view is told, whatever is asked")
  func foreignKeys() async throws {
    let tree = try await settled(50)
    let policy = SimulationPolicy(epoch: 1)
    let replicator = Replicator(
      node: town, parent: nil, signer: Ed25519Signer(), policy: policy,
      policies: MemoryShelf([policy]), ledgers: [SimulationPolicy.bulk, SimulationPolicy.urgent])
    let peer = village
    let (slice, details) = try tree.store(town).readNow { tx in
      (
        try replicator.shares(
          with: peer, of: SimulationPolicy.bulk, after: nil, through: nil, limit: 1000, tx),
        try replicator.details(of: [ref("n1"), ref("nobody")], with: peer, tx)
      )
    }
    #expect(slice.records.count == 100 && !slice.records.contains { $0.key.hasPrefix("n") })
    for detail in details.records { #expect(detail.share.isEmpty && !detail.isMoving) }
    await tree.end()
  }

  @Test(
    "a second question, an answer that nobody asked for and a question before the hello are refused"
  )
  func hostile() throws {
    var machine = try LinkMachineTests.live(
      hello: LinkMachineTests.hello(versions: 1...2))
    #expect(try machine.receivedQuestion())
    #expect(throws: LinkRefusal.self) { try machine.receivedQuestion() }
    machine.answered()
    #expect(try machine.receivedQuestion())
    #expect(throws: LinkRefusal.self) { try machine.receivedAnswer(1) }
    #expect(machine.asking() == 1)
    #expect(machine.asking() == nil)
    #expect(throws: LinkRefusal.self) { try machine.receivedAnswer(2) }
    #expect(try machine.receivedAnswer(1))
    #expect(throws: LinkRefusal.self) { try machine.receivedAnswer(1) }
    machine.close()
    #expect(try !machine.receivedQuestion())
    var old = try LinkMachineTests.live()
    #expect(old.asking() == nil, "a peer of version 1 does not know the question")
    var early = try LinkMachineTests.machine(LinkMachineTests.opening(feed: 1..<2))
    _ = early.open(clock: 0)
    #expect(throws: LinkRefusal.self) { try early.receivedQuestion() }
  }

  @Test("a link that is cut in the middle ends the comparison, and the next one is whole")
  func cut() async throws {
    let tree = try await settled(100)
    let count = Mutex(0)
    tree.network.faults(of: village).set { _, _, frame in
      guard frame[1] == Frame.Tag.digest.rawValue else { return .deliver }
      return count.withLock { count in
        count += 1
        return count == 2 ? .cut : .deliver
      }
    }
    await #expect(throws: ComparisonError.self) {
      try await tree.service(village).compare(with: town)
    }
    var report: ComparisonReport?
    let isWhole = await eventually {
      report = try? await tree.service(village).compare(with: town)
      return report != nil
    }
    #expect(isWhole && report?.result.equal == 205)
    await tree.end()
  }

  @Test("rate of a comparison over one link")
  func rate() async throws {
    let tree = try await settled(5000)
    let began = ContinuousClock.now
    let report = try await tree.service(village).compare(with: town)
    print("compared in memory: \(report.result.compared) records in \(ContinuousClock.now - began)")
    #expect(report.result.equal == 10_005)
    await tree.end()
  }
}
