import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import Testing

/// Over whole links: records that are larger than a parcel, and than what may be unacknowledged.
@Suite(.timeLimit(.minutes(1)))
struct LargeRecordLinkTests {
  private let places = SimulationTree()

  @Test("a record larger than parcel and window is caught up, though the link is cut on the way")
  func catchUp() async throws {
    let village = places.villages[0]
    let town = places.parents[village] ?? places.region
    let county = places.counties[0]
    let tree = ProvenTree { $0.link.windowBytes = 150_000 }
    try tree.start(town)
    tree.create(town, ["a"], home: village)
    let isSealed = await eventually { tree.store(town).snapshot.captured.isEmpty }
    #expect(isSealed)
    // The county fills the same record, and both ends have both values.
    try tree.start(county)
    tree.create(county, ["a"], home: village)
    for (node, mark) in [(town, "t"), (county, "c")] {
      for field in SimulationPolicy.data {
        tree.edit(node, "a", field, String(repeating: mark, count: 60_000))
      }
    }
    let isWritten = await eventually {
      [town, county].allSatisfy { tree.store($0).snapshot.captured.isEmpty }
    }
    #expect(isWritten)
    for id in [town, county] { try await tree.stop(id) }
    try tree.start(county)
    try tree.start(town, parent: county)
    try await tree.settle([town, county], count: 1)
    try await tree.stop(town)
    let head = try tree.store(town).readNow { try $0.nextPosition(.bulk) }
    try tree.store(town).writeNow { try $0.trim(.bulk, below: head) }
    tree.network.faults(of: village).set { _, number, _ in number == 9 ? .cut : .deliver }
    try tree.start(town, parent: county)
    try tree.start(village, parent: town)
    try await tree.settle([town, village], count: 1)
    let record = tree.store(village).snapshot.records[RecordRef(SimulationPolicy.bulk, "a")]
    #expect(record?[SimulationPolicy.data[0]].siblings.count == 2)
    await tree.end()
  }
}
