import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// By which policy a change is judged that was signed under another than the one in force.
@Suite struct FormerEpochTests {
  private static let tree = SimulationTree()
  private let village = FormerEpochTests.tree.villages[0]
  private let a = SimulationPolicy.data[0]

  /// A village's new record as it comes to its town, signed at a time under an epoch.
  private func parcel(at time: Int64, under epoch: UInt64, from: UInt64 = 1) throws
    -> VerifiedParcel
  {
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), 1)
    let none = VersionVector()
    let writes = [
      FieldWrite(field: .alive, value: .bool(true), rank: 0, base: none),
      FieldWrite(
        field: SimulationPolicy.home, value: .text(village.code.description), rank: 0, base: none),
      FieldWrite(field: a, value: .integer(1), rank: 0, base: none),
    ]
    let ref = RecordRef(SimulationPolicy.bulk, "person")
    let change = Change(dot: dot, ref: ref, writes: writes, time: time, actor: "", cause: .write)
    let item = Item.change(ref, dot: dot, fields: change.fields, payload: false)
    return try .sealed([[change]], [item], from: from, time: time, policyEpoch: epoch)
  }

  /// The village's town under the last of these policies.
  private func town(_ policies: [JudgedPolicy]) throws -> SimulatedNode {
    let id = try #require(Self.tree.parents[village])
    return SimulatedNode(
      id: id, parent: Self.tree.parents[id], policy: try #require(policies.last),
      shelf: MemoryShelf(policies))
  }

  private func rule(_ epoch: UInt64, olderUntil: Int64? = nil, forbids: Bool) -> JudgedPolicy {
    let a = self.a
    return JudgedPolicy(epoch: epoch, olderUntil: olderUntil) { _, fields, _, _ in
      forbids && fields.contains(a) ? "nobody writes \(a)" : nil
    }
  }

  @Test("a town lets a village write under an old epoch until older ones have ended, and no longer")
  func untilOlderEnds() throws {
    let policies = [rule(1, forbids: false), rule(2, olderUntil: 100, forbids: true)]
    #expect(try town(policies).receive(parcel(at: 99, under: 1), from: village).refused == 0)
    let late = try town(policies)
    #expect(try late.receive(parcel(at: 100, under: 1), from: village).refused == 1)
    #expect(late.store.snapshot.quarantine.map(\.code) == ["outside_scope"])
    // Who lives under the new one is judged by it at once.
    #expect(try town(policies).receive(parcel(at: 99, under: 2), from: village).refused == 1)
  }

  @Test("of several newer epochs that one judges whose end for older ones has come last")
  func severalEnds() throws {
    let policies = [
      rule(1, forbids: false), rule(2, olderUntil: 100, forbids: true),
      rule(3, olderUntil: 200, forbids: false),
    ]
    #expect(try town(policies).receive(parcel(at: 150, under: 1), from: village).refused == 1)
    #expect(try town(policies).receive(parcel(at: 200, under: 1), from: village).refused == 0)
    #expect(try town(policies).receive(parcel(at: 50, under: 1), from: village).refused == 0)
  }

  @Test(
    "a change under an epoch that has not come yet waits with its link, and is taken afterwards")
  func unknownEpoch() throws {
    let node = try town([rule(1, forbids: false)])
    #expect {
      try node.receive(try parcel(at: 1, under: 4), from: village)
    } throws: {
      ($0 as? ParcelError)?.code == .unknownPolicy
    }
    #expect(node.store.snapshot.quarantine.isEmpty)
    let later = try town([rule(1, forbids: false), rule(4, forbids: false)])
    #expect(try later.receive(parcel(at: 1, under: 4), from: village).refused == 0)
  }
}
