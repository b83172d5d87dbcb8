import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// States and relayed changes prove who wrote each value; whether the author might is judged at every hop.
@Suite struct StateRefusalTests {
  private static let tree = SimulationTree()
  private let village = StateRefusalTests.tree.villages[0]
  private let neighbour = StateRefusalTests.tree.villages[1]
  private let town = StateRefusalTests.tree.nodes[3]
  private let county = StateRefusalTests.tree.counties[0]
  private let foreign = StateRefusalTests.tree.counties[1]
  private let person = RecordRef(SimulationPolicy.bulk, "person")
  private let other = RecordRef(SimulationPolicy.bulk, "other")
  private let a = SimulationPolicy.data[0]
  private let b = SimulationPolicy.data[1]

  private func dot(_ author: NodeID, _ index: UInt64) -> Dot {
    Dot(Replica(node: author, incarnation: 1, lane: .bulk), index)
  }

  /// A creation with one data field.
  private func creation(
    of ref: RecordRef, by author: NodeID, _ index: UInt64 = 1, home: NodeID? = nil,
    field: FieldID, rank: UInt8 = 0, base: VersionVector = VersionVector(),
    cause: Change.Cause = .write
  ) -> Change {
    let home = (home ?? village).code.description
    let none = VersionVector()
    return Change(
      dot: dot(author, index), ref: ref,
      writes: [
        FieldWrite(field: .alive, value: .bool(true), rank: 0, base: none),
        FieldWrite(field: SimulationPolicy.home, value: .text(home), rank: 0, base: none),
        FieldWrite(field: field, value: .integer(1), rank: rank, base: base),
      ], time: 1, actor: "x", cause: cause)
  }

  private func state(_ change: Change, isPayload: Bool = false) -> Item {
    .state(
      change.ref, siblings: change.writes.map { FieldDots($0.field, [change.dot]) },
      view: SimulationPolicy.all, payload: isPayload)
  }

  private func parcel(
    _ changes: [Change], _ items: [Item], from position: UInt64 = 1
  ) throws -> VerifiedParcel {
    try .sealed(changes.map { [$0] }, items, from: position)
  }

  private func node(_ id: NodeID, _ policy: any SharingPolicy) -> SimulatedNode {
    SimulatedNode(
      id: id, parent: Self.tree.parents[id], policy: policy, shelf: MemoryShelf([policy]))
  }

  private func receive(
    _ parcel: VerifiedParcel, from peer: NodeID, at node: SimulatedNode
  ) throws -> ReceiveOutcome {
    try node.receive(parcel, from: peer)
  }

  /// Who is listed maintains these fields of its own homes, the others all of theirs.
  private func maintained(_ listed: [NodeID: FieldSet]) -> JudgedPolicy {
    JudgedPolicy { author, fields, before, after in
      let homes = before.codes.isEmpty ? after.codes : before.codes
      if let home = homes.first, !author.code.contains(home) { return "a home of another" }
      let allowed = listed[author] ?? SimulationPolicy.all
      return fields.isSubset(of: allowed) ? nil : "a field that is maintained by others"
    }
  }

  private func codes(_ node: SimulatedNode) -> [String] {
    node.store.snapshot.quarantine.map(\.code)
  }

  /// The village may maintain `b` and not `a`.
  private var policy: JudgedPolicy {
    maintained([village: SimulationPolicy.ungated.union([b])])
  }

  @Test("a state with a value that its author may maintain nowhere is refused; the next goes on")
  func stateOutsideScope() throws {
    let county = node(county, policy)
    let bad = creation(of: person, by: village, field: a)
    let good = creation(of: other, by: village, 2, field: b)
    let outcome = try receive(
      parcel([bad, good], [state(bad), state(good)]), from: town, at: county)
    #expect(outcome.refused == 1)
    #expect(outcome.position == 2)
    #expect(codes(county) == ["outside_scope"])
    #expect(county.store.snapshot.quarantine.first?.proof != nil)
    #expect(!county.record(person).isHeld)
    #expect(county.record(other)[b].isHeld)
  }

  @Test("one bad value in a state does not take the good ones with it")
  func restOfState() throws {
    let county = node(county, policy)
    let good = creation(of: person, by: village, field: b)
    let bad = Change(
      dot: dot(village, 2), ref: person,
      writes: [FieldWrite(field: a, value: .integer(7), rank: 0, base: VersionVector())],
      time: 2, actor: "x", cause: .write)
    let both = (good.writes.map { FieldDots($0.field, [good.dot]) } + [FieldDots(a, [bad.dot])])
      .sorted { $0.field < $1.field }
    let item = Item.state(person, siblings: both, view: SimulationPolicy.all, payload: false)
    #expect(try receive(parcel([good, bad], [item]), from: town, at: county).refused == 1)
    #expect(codes(county) == ["outside_scope"])
    #expect(county.record(person)[b].isHeld)
    #expect(!county.record(person)[a].isHeld)
  }

  @Test("a relayed change outside its author's scope is refused", arguments: [true, false])
  func relayedChange(isPayload: Bool) throws {
    let county = node(county, policy)
    let bad = creation(of: person, by: village, field: a)
    let good = creation(of: other, by: village, 2, field: b)
    let items = [bad, good].map {
      Item.change($0.ref, dot: $0.dot, fields: $0.fields, payload: isPayload)
    }
    #expect(try receive(parcel([bad, good], items), from: town, at: county).refused == 1)
    #expect(codes(county) == ["outside_scope"])
    #expect(!county.record(person).isHeld)
    #expect(county.record(other)[b].isHeld)
  }

  @Test("a wrong rank in a state is refused, whoever relays it")
  func rankInState() throws {
    let county = node(county, policy)
    let bad = creation(of: person, by: village, field: b, rank: 3)
    #expect(try receive(parcel([bad], [state(bad)]), from: town, at: county).refused == 1)
    #expect(codes(county) == ["wrong_rank"])
    #expect(!county.record(person).isHeld)
  }

  @Test("a restore needs no scope behind the first hop, and at it only puts back what stood there")
  func restores() throws {
    let cause = Change.Cause.restore([dot(neighbour, 1)])
    let restore = creation(of: person, by: village, field: a, cause: cause)
    let over = VersionVector(dot(neighbour, 1))
    let answer = Change(
      dot: dot(town, 1), ref: person,
      writes: [FieldWrite(field: a, value: .integer(1), rank: 0, base: over)], time: 1, actor: "",
      cause: cause)
    let above = node(county, maintained([town: SimulationPolicy.ungated]))
    #expect(try receive(parcel([answer], [state(answer)]), from: town, at: above).refused == 1)
    let higher = node(Self.tree.region, maintained([town: SimulationPolicy.ungated]))
    #expect(try receive(parcel([answer], [state(answer)]), from: county, at: higher).refused == 0)
    #expect(higher.record(person)[a].isHeld)
    let first = node(town, policy)
    #expect(
      try receive(parcel([restore], [state(restore)]), from: village, at: first).refused == 1)
    #expect(codes(first) == ["outside_scope"])
    #expect(!first.record(person)[a].isHeld)
  }

  @Test("a creation that comes as a state and claims a home that its author does not keep")
  func foreignHome() throws {
    let town = node(town, policy)
    let bad = creation(of: person, by: village, home: neighbour, field: b)
    let good = creation(of: other, by: village, 2, field: b)
    let items = [state(bad), state(good)]
    #expect(try receive(parcel([bad, good], items), from: village, at: town).refused == 1)
    #expect(codes(town) == ["outside_scope"])
    #expect(!town.record(person).isHeld)
    #expect(town.record(other)[b].isHeld)
  }

  @Test(
    "behind the first hop a node puts nothing back against its own word, or against those above it")
  func forgedRestore() throws {
    for refused in [village, neighbour, foreign] {
      let county = node(county, policy)
      let base = VersionVector(dot(refused, 7))
      let forged = creation(
        of: person, by: village, field: a, base: refused == village ? VersionVector() : base,
        cause: .restore([dot(refused, refused == village ? 9 : 7)]))
      #expect(try receive(parcel([forged], [state(forged)]), from: town, at: county).refused > 0)
      #expect(!county.record(person)[a].isHeld)
      #expect(codes(county) == ["outside_scope"])
    }
  }

  @Test("a refused creation's deletion is taken at the next hop")
  func deletionGoesUp() throws {
    let town = node(town, policy)
    let bad = creation(of: person, by: village, field: a)
    #expect(try receive(parcel([bad], [state(bad)]), from: village, at: town).refused == 1)
    #expect(town.record(person).isDeleted)
    let up = try town.store.readNow { tx in
      try town.replicator.project(
        to: county, lane: .bulk, from: 1, maximumBytes: 100_000, maximumEntries: 10, tx)
    }
    let above = node(county, policy)
    #expect(try receive(VerifiedParcel(trusting: up.parcel), from: town.id, at: above).refused == 0)
    #expect(above.record(person).isDeleted)
  }

  @Test("a base in a state that names what nobody here has seen is refused, what was seen is not")
  func forgedBaseInState() throws {
    let town = node(town, policy)
    let seen = dot(county, 4)
    let forged = creation(
      of: person, by: village, field: b, base: VersionVector(dot(foreign, 1_000_000)))
    let early = creation(of: other, by: village, 2, field: b, base: VersionVector(seen))
    let first = try receive(
      parcel([forged, early], [state(forged), state(early)]), from: village, at: town)
    #expect(first.refused == 2)
    #expect(codes(town) == ["forged_base", "forged_base"])
    #expect(!town.record(person).isHeld && !town.record(other).isHeld)
    let proof = creation(of: RecordRef(SimulationPolicy.bulk, "third"), by: county, 4, field: b)
    #expect(try receive(parcel([proof], [state(proof)]), from: county, at: town).refused == 0)
    let late = creation(of: other, by: village, 3, field: b, base: VersionVector(seen))
    #expect(
      try receive(parcel([late], [state(late)], from: 2), from: village, at: town).refused == 0)
    #expect(town.record(other)[b].isHeld)
  }

  @Test("a department's word about its county's villages is not taken")
  func departmentForgesBase() throws {
    let county = node(county, maintained([:]))
    let department = Self.tree.department
    let forged = creation(
      of: person, by: department, field: b, base: VersionVector(dot(village, 1_000_000)))
    #expect(
      try receive(parcel([forged], [state(forged)]), from: department, at: county).refused == 1)
    #expect(codes(county) == ["forged_base"])
  }
}
