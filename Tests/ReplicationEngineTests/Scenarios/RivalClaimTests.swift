import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// One key registered in two counties at once, and edited in both before either heard of the other.
@Suite struct RivalClaimTests {
  private static let tree = SimulationTree()
  private let winner = RivalClaimTests.tree.counties[0]
  private let loser = RivalClaimTests.tree.counties[1]
  private let person = RecordRef(SimulationPolicy.bulk, "person")
  private let a = SimulationPolicy.data[0]

  /// A policy under which a node writes records of its own division only.
  private let ownHomes = JudgedPolicy { author, _, before, after in
    let codes = before.codes.isEmpty ? after.codes : before.codes
    return codes.contains { author.code.contains($0) } ? nil : "no home of \(author)"
  }

  private func writes(
    _ field: FieldID, home: NodeID?, base none: VersionVector = VersionVector()
  ) -> [FieldWrite] {
    let value = FieldWrite(field: field, value: .integer(1), rank: 0, base: none)
    guard let home else { return [value] }
    return [
      FieldWrite(field: .alive, value: .bool(true), rank: 0, base: none),
      FieldWrite(
        field: SimulationPolicy.home, value: .text(home.code.description), rank: 0, base: none),
      value,
    ]
  }

  /// A county's registration, and an edit after it, as they come up from that county.
  private func parcel(
    by county: NodeID, at time: Int64, editing field: FieldID,
    base: VersionVector = VersionVector()
  ) throws
    -> VerifiedParcel
  {
    let replica = Replica(node: county, incarnation: 1, lane: .bulk)
    let changes = [
      Change(
        dot: Dot(replica, 1), ref: person, writes: writes(a, home: county, base: base), time: time,
        actor: "x",
        cause: .write),
      Change(
        dot: Dot(replica, 2), ref: person, writes: writes(field, home: nil), time: time + 1,
        actor: "x", cause: .write),
    ]
    let items = changes.map {
      Item.change(person, dot: $0.dot, fields: $0.fields, payload: false)
    }
    return try .sealed([changes], items, time: time)
  }

  @Test(
    "who claimed the home later is taken at its word, with the edit that it made under that claim",
    arguments: [false, true])
  func editUnderTheLaterClaim(hasHeard: Bool) throws {
    let above = try #require(Self.tree.parents[winner] ?? nil)
    #expect(Self.tree.parents[loser] == above)
    let policy = ownHomes
    let node = SimulatedNode(
      id: above, parent: Self.tree.parents[above], policy: policy, shelf: MemoryShelf([policy]))
    let b = SimulationPolicy.data[1]
    for (county, time) in [(winner, Int64(1)), (loser, Int64(5))] {
      let parcel = try parcel(by: county, at: time, editing: b)
      // Whether the peer has acknowledged this node's feed changes nothing: it may know nothing of the record all the same.
      let outcome = try node.receive(
        parcel, from: county, acknowledged: hasHeard ? 1_000 : nil)
      #expect(outcome.refused == 0, "\(node.store.snapshot.quarantine.map(\.detail))")
    }
    let record = node.record(person)
    let home = record[SimulationPolicy.home].shown(isRouting: true)
    #expect(home?.value == .text(winner.code.description))
    #expect(record[b].siblings.count == 2)
  }

  @Test("a registration that has seen the other's home may not take the record away")
  func theftOfAHome() throws {
    let above = try #require(Self.tree.parents[winner] ?? nil)
    let policy = ownHomes
    let node = SimulatedNode(
      id: above, parent: Self.tree.parents[above], policy: policy, shelf: MemoryShelf([policy]))
    let first = try parcel(by: winner, at: 1, editing: SimulationPolicy.data[1])
    _ = try node.receive(first, from: winner)
    let seen = VersionVector(Dot(Replica(node: winner, incarnation: 1, lane: .bulk), 1))
    let theft = try parcel(by: loser, at: 5, editing: SimulationPolicy.data[1], base: seen)
    let outcome = try node.receive(theft, from: loser, acknowledged: 1_000)
    #expect(outcome.refused > 0)
    let home = node.record(person)[SimulationPolicy.home].shown(isRouting: true)
    #expect(home?.value == .text(winner.code.description))
  }
}
