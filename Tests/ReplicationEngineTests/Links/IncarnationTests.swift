import PeerLink
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Synchronization
import Testing

/// What is lost with a disk or put back from a backup, and how a node finds out.
@Suite("Incarnations", .timeLimit(.minutes(3)))
struct IncarnationTests {
  private let places = SimulationTree()
  private var county: NodeID { places.counties[0] }
  private var village: NodeID { places.villages[0] }
  private var town: NodeID { places.parents[places.villages[0]] ?? places.region }
  private var line: [NodeID] { [places.region, county, town, village] }

  private func start(_ tree: ProvenTree, _ id: NodeID) throws {
    try tree.start(id, parent: places.parents[id])
  }

  /// Region, county, town and village up, with forty records from above and forty from below.
  private func grown() async throws -> ProvenTree {
    let tree = ProvenTree()
    for id in line { try start(tree, id) }
    tree.create(village, LinkConvergenceTests.keys("v", 40), home: village)
    tree.create(county, LinkConvergenceTests.keys("c", 40), home: village)
    try await tree.settle(line, count: 80)
    return tree
  }

  private func incarnation(_ tree: ProvenTree, _ id: NodeID) -> UInt32? {
    tree.store(id).snapshot.chains[.bulk]?.incarnation
  }

  private func isSealed(_ tree: ProvenTree, _ id: NodeID) async -> Bool {
    await eventually { tree.store(id).snapshot.captured.isEmpty }
  }

  @Test(
    "a node whose disk is lost comes back empty with the same identity, gets all, and goes on",
    arguments: [true, false], [1, 2, 3])
  func lostDisk(keepsFile: Bool, tier: Int) async throws {
    let tree = try await grown()
    let lost = line[tier]
    try await tree.kill(lost)
    tree.store(lost).replace(with: MemoryState())
    if !keepsFile { tree.file(lost).replace(with: nil) }
    try start(tree, lost)
    try await tree.settle(line, count: 80, "\(lost) lost, file \(keepsFile)")
    #expect(incarnation(tree, lost) == 2)
    tree.create(lost, ["after"], home: village)
    tree.create(village, ["below"], home: village)
    try await tree.settle(line, count: 82, "\(lost) writes, file \(keepsFile)")
    await tree.end()
  }

  @Test(
    "a backup put back: found by the file or by a neighbour, all that was sent comes home",
    arguments: [true, false], [0, 1, 2, 3])
  func restored(keepsFile: Bool, tier: Int) async throws {
    let tree = try await grown()
    let node = line[tier]
    let backup = tree.store(node).snapshot
    tree.create(node, LinkConvergenceTests.keys("later", 20), home: village)
    tree.create(village, LinkConvergenceTests.keys("more", 20), home: village)
    try await tree.settle(line, count: 120)
    try await tree.kill(node)
    var state = backup
    // Written before the backup was taken, not sealed: it goes out under the new incarnation.
    state.captured = [
      CapturedWrite(
        ref: RecordRef(SimulationPolicy.bulk, "v1"),
        values: [SimulationPolicy.data[0]: .text("unsealed in the backup")], isDeletion: false,
        isCreation: false, time: FakeTree.microseconds + 5_000_000, actor: "tester")
    ]
    tree.store(node).replace(with: state)
    if !keepsFile { tree.file(node).replace(with: nil) }
    try start(tree, node)
    try await tree.settle(line, count: 120, "\(node) restored, file \(keepsFile)")
    #expect(incarnation(tree, node) == 2)
    let isSent = await eventually {
      line.allSatisfy { id in
        tree.store(id).snapshot.records[RecordRef(SimulationPolicy.bulk, "v1")]?[
          SimulationPolicy.data[0]
        ].siblings.contains { $0.value == .text("unsealed in the backup") } ?? false
      }
    }
    #expect(isSent, "the unsealed write of \(node) is lost")
    await tree.end()
  }

  @Test("nothing leaves before the high-water file holds its index")
  func fileFirst() async throws {
    let tree = ProvenTree()
    let file = tree.file(village)
    // A disk that takes its time: what does not wait for it overtakes it.
    file.slow(.milliseconds(15))
    let early = Mutex(0)
    tree.network.faults(of: village).set { direction, _, frame in
      guard direction == .up, frame[1] == Frame.Tag.parcel.rawValue else { return .deliver }
      let store = tree.store(village)
      let sent = Self.highestIndex(in: Array(frame.dropFirst(2)), of: village, known: store)
      if sent >= file.mark?.bulk.index ?? 1 { early.withLock { $0 += 1 } }
      return .deliver
    }
    try tree.start(town)
    try tree.start(village, parent: town)
    for round in 0..<20 {
      tree.create(village, LinkConvergenceTests.keys("r\(round)-", 5), home: village)
      try await Task.sleep(for: .milliseconds(3))
    }
    try await tree.settle([town, village], count: 100)
    #expect(early.withLock { $0 } == 0, "parcels went before the file was written")
    #expect(file.writes > 1)
    await tree.end()
  }

  @Test("a county cut from above and killed seals alone by its file, under the same incarnation")
  func rebootedWhileCut() async throws {
    let tree = try await grown()
    tree.network.cut(county)
    try await tree.kill(county)
    try start(tree, county)
    tree.create(county, ["alone"], home: village)
    try await tree.settle([county, town, village], count: 81)
    #expect(incarnation(tree, county) == 1)
    // What was committed and not yet written down in the file is no restore.
    try await tree.kill(county)
    let own = try tree.store(county).readNow { try HighWater(in: $0) }
    var behind = own
    behind.bulk.index -= 1
    tree.file(county).replace(with: behind)
    try start(tree, county)
    tree.create(county, ["again"], home: village)
    try await tree.settle([county, town, village], count: 82)
    #expect(incarnation(tree, county) == 1)
    tree.network.heal(county)
    try await tree.settle(line, count: 82)
    await tree.end()
  }

  @Test("without its file and cut from above a node captures, says why, and signs nothing")
  func waits() async throws {
    let tree = try await grown()
    tree.network.cut(town)
    try await tree.kill(town)
    tree.file(town).replace(with: nil)
    try start(tree, town)
    tree.create(town, ["waiting"], home: village)
    try await Task.sleep(for: .milliseconds(300))
    #expect(try tree.service(town).sealingRight == .waitingForParent)
    #expect(tree.store(town).snapshot.captured.count == 1)
    tree.network.heal(town)
    try await tree.settle(line, count: 81)
    #expect(try tree.service(town).sealingRight == .granted)
    #expect(incarnation(tree, town) == 1, "nothing was lost")
    await tree.end()
  }

  @Test(
    "a child that claims to hold more than there is makes its parent begin anew once, not again and again"
  )
  func falseClaim() async throws {
    let tree = ProvenTree()
    try tree.start(town)
    try tree.start(village, parent: town)
    tree.create(village, ["v"], home: village)
    try await tree.settle([town, village], count: 1)
    try await tree.kill(village)
    let claims = Mutex(UInt32(0))
    tree.network.faults(of: village).set { direction, _, frame in
      guard direction == .up, case .hello(var hello)? = try? Frame(decoding: frame) else {
        return .deliver
      }
      hello.bulk.wanted = 1 << 40
      hello.freeIncarnation = claims.withLock { claims in
        claims += 10
        return claims
      }
      return .replace([Frame.hello(hello).encoded()])
    }
    try tree.start(village, parent: town)
    let isRefused = await eventually {
      tree.store(town).snapshot.quarantine.contains { $0.code == "link.restored" }
    }
    #expect(isRefused)
    #expect(incarnation(tree, town) == 10)
    await tree.end()
  }

  /// The highest index of a node's own chain that a parcel proves; 0: none.
  private static func highestIndex(
    in encoded: [UInt8], of node: NodeID, known store: MemoryStore
  ) -> UInt64 {
    let cache = SignerCache(authority: PlainAuthority())
    cache.load(store.snapshot.signers)
    let keys = LinkKeys(cache)
    guard let parcel = try? UnverifiedParcel(decoding: encoded),
      let verified = try? parcel.verified(by: keys, authority: PlainAuthority())
    else { return 0 }
    return verified.parcel.evidence.filter { $0.header.replica.node == node }
      .map(\.header.lastIndex).max() ?? 0
  }
}
