import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// A node that tells its neighbours different feeds under the same dots is found out where the copies meet.
@Suite("Two histories of one node", .timeLimit(.minutes(1)))
struct EquivocationTests {
  private let places = SimulationTree()
  private var county: NodeID { places.counties[0] }
  private var village: NodeID { places.villages[0] }
  private var town: NodeID { places.parents[places.villages[0]] ?? places.region }
  private let field = SimulationPolicy.data[0]

  private func shown(_ tree: ProvenTree, _ id: NodeID, _ key: String) -> Value? {
    tree.store(id).snapshot.records[RecordRef(SimulationPolicy.bulk, key)]?[field].shown()?.value
  }

  /// Puts an empty disk into the town, and begins.
  private func startAnew(_ tree: ProvenTree, parent: NodeID?, file: HighWater?) throws {
    tree.store(town).replace(with: MemoryState())
    tree.file(town).replace(with: file)
    try tree.start(town, parent: parent)
  }

  /// A town that has written one thing to its county and another to its village, under the same dots; it is stopped, and both of them keep its signatures.
  private func told() async throws -> ProvenTree {
    let tree = ProvenTree()
    for (parent, listener, words) in [
      (county, county, "above"), (nil as NodeID?, village, "below"),
    ] {
      try tree.start(listener, parent: listener == village ? town : nil)
      // It pretends that the other face never was.
      try startAnew(tree, parent: parent, file: HighWater())
      tree.create(town, ["common"], home: village)
      tree.edit(town, "common", field, words)
      let isTold = await eventually { shown(tree, listener, "common") == .text(words) }
      #expect(isTold, "\(listener) was not told")
      try await tree.kill(town)
    }
    let feed = Replica(node: town, incarnation: 1, lane: .bulk)
    let copies = [county, village].map { tree.store($0).snapshot.batches[feed]?.first }
    #expect(copies.first??.header.indexes == copies.last??.header.indexes)
    #expect(copies.first??.digest != copies.last??.digest)
    return tree
  }

  @Test("both neighbours give back what they were told: the second copy is refused, with proof")
  func overTwoLinks() async throws {
    let tree = try await told()
    // Honest people put another computer in its place.
    try startAnew(tree, parent: county, file: nil)
    let isFound = await eventually {
      tree.store(town).snapshot.quarantine.contains { $0.code == "equivocation" }
    }
    #expect(isFound)
    let found = tree.store(town).snapshot.quarantine.filter { $0.code == "equivocation" }
    for item in found {
      #expect(item.dot?.replica.node == town)
      #expect([county, village].contains(item.peer))
      #expect(item.proof != nil)
    }
    // What came first stands, nothing of the other beside it, and both links go on.
    let common = tree.store(town).snapshot.records[RecordRef(SimulationPolicy.bulk, "common")]
    #expect(common?[field].siblings.count == 1)
    tree.create(village, ["later"], home: village)
    tree.create(county, ["too"], home: village)
    let goesOn = await eventually {
      [county, town, village].allSatisfy { id in
        ["later", "too"].allSatisfy { shown(tree, id, $0) != nil }
      }
    }
    #expect(goesOn)
    await tree.end()
  }
}
