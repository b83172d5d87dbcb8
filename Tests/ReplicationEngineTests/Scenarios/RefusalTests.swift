import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

/// What a peer may not do: refused, recorded, and nothing else disturbed.
@Suite struct RefusalTests {
  private static let tree = SimulationTree()
  private let village = RefusalTests.tree.villages[0]
  private let other = RefusalTests.tree.villages[1]
  private let town = RefusalTests.tree.parents[RefusalTests.tree.villages[0]]
  private let person = RecordRef(SimulationPolicy.bulk, "person")
  private let a = SimulationPolicy.data[0]

  /// A village's change as it stands in a parcel to its town.
  private func parcel(
    rank: UInt8 = 0, base: VersionVector = VersionVector(), index: UInt64 = 1,
    previous: Digest = .zero, actor: String = "x", field: FieldID? = nil, home: NodeID? = nil,
    from: UInt64 = 1
  ) throws -> VerifiedParcel {
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), index)
    var writes = [
      FieldWrite(field: field ?? a, value: .integer(1), rank: rank, base: base)
    ]
    if let home {
      let none = VersionVector()
      writes =
        [
          FieldWrite(field: .alive, value: .bool(true), rank: 0, base: none),
          FieldWrite(
            field: SimulationPolicy.home, value: .text(home.code.description), rank: 0, base: none),
        ] + writes
    }
    let change = Change(
      dot: dot, ref: person, writes: writes, time: 1, actor: actor, cause: .write)
    let item = Item.change(person, dot: dot, fields: change.fields, payload: false)
    return try .sealed([[change]], [item], from: from, previous: previous)
  }

  private func node(_ policy: any SharingPolicy) throws -> SimulatedNode {
    let id = try #require(town)
    return SimulatedNode(
      id: id, parent: Self.tree.parents[id], policy: policy, shelf: MemoryShelf([policy]))
  }

  /// A policy under which nobody may write one field.
  private func nobodyWrites(_ field: FieldID) -> JudgedPolicy {
    JudgedPolicy { _, fields, _, _ in
      fields.contains(field) ? "field \(field) is maintained by nobody" : nil
    }
  }

  private func receive(
    _ parcel: VerifiedParcel, from peer: NodeID? = nil, at node: SimulatedNode
  ) throws -> ReceiveOutcome {
    try node.receive(parcel, from: peer ?? village)
  }

  @Test(
    "a wrong rank and a forged base change nothing, are recorded, and the position moves on",
    arguments: ["wrong_rank", "forged_base"])
  func refusedQuietly(code: String) throws {
    let town = try node(SimulationPolicy(epoch: 1))
    let foreign = Dot(Replica(node: Self.tree.counties[1], incarnation: 1, lane: .bulk), 1_000_000)
    let bad =
      code == "wrong_rank" ? try parcel(rank: 9) : try parcel(base: VersionVector(foreign))
    let outcome = try receive(bad, at: town)
    #expect(outcome.refused == 1)
    #expect(outcome.position == 2)
    #expect(town.store.snapshot.quarantine.map(\.code) == [code])
    #expect(town.store.snapshot.quarantine.first?.proof != nil)
    #expect(!town.record(person).isHeld)
  }

  @Test(
    "a verification that says nothing, has a rank, or takes back another's word is refused",
    arguments: 0..<4)
  func othersWord(_ kind: Int) throws {
    let town = try node(SimulationPolicy(epoch: 1))
    let other = Dot(Replica(node: town.id, incarnation: 1, lane: .bulk), 77)
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), 1)
    let word = Verification(a, dot, time: 1, actor: "x")
    let values: [Value] = [.verified([]), .null, .verified([word]), .verified([word])]
    let write = FieldWrite(
      field: .verified, value: values[kind], rank: kind == 2 ? 1 : 0,
      base: kind == 3 ? VersionVector(other) : VersionVector())
    let change = Change(
      dot: dot, ref: person, writes: [write], time: 1, actor: "x", cause: .write)
    let item = Item.change(person, dot: dot, fields: change.fields, payload: false)
    #expect(try receive(.sealed([[change]], [item]), at: town).refused == 1)
    #expect(town.store.snapshot.quarantine.map(\.code) == ["forged_verification"])
  }

  @Test("a base that claims a change of this node that was never made is refused")
  func baseFromTheFuture() throws {
    let town = try node(SimulationPolicy(epoch: 1))
    let own = Dot(Replica(node: town.id, incarnation: 1, lane: .bulk), 77)
    #expect(try receive(parcel(base: VersionVector(own)), at: town).refused == 1)
    #expect(town.store.snapshot.quarantine.map(\.code) == ["forged_base"])
  }

  @Test(
    "a write that has not seen its author's own write before it is refused: no field fills up with one author's values"
  )
  func siblingBomb() throws {
    let town = try node(SimulationPolicy(epoch: 1))
    #expect(try receive(parcel(home: village), at: town).refused == 0)
    for index in UInt64(2)...5 {
      let head = try #require(town.store.snapshot.links[village]?.bulk.peerChainDigest)
      let next = try parcel(index: index, previous: head, from: index)
      #expect(try receive(next, at: town).refused == 1)
    }
    #expect(Set(town.store.snapshot.quarantine.map(\.code)) == ["forged_base"])
    #expect(town.record(person)[a].siblings.count == 1)
  }

  @Test("a broken chain ends the link and leaves nothing behind")
  func brokenChain() throws {
    let town = try node(SimulationPolicy(epoch: 1))
    #expect(throws: ParcelError.self) { try receive(parcel(index: 5), at: town) }
    #expect(town.store.snapshot.batches.isEmpty)
    #expect(town.store.snapshot.links.isEmpty)
  }

  @Test("two batches signed for one index: the second is quarantined")
  func equivocation() throws {
    let town = try node(SimulationPolicy(epoch: 1))
    #expect(try receive(parcel(actor: "first"), at: town).refused == 0)
    var again = try parcel(actor: "second").parcel
    again.span = .feed(from: 2, next: 3)
    #expect(try receive(VerifiedParcel(trusting: again), at: town).refused == 1)
    #expect(town.store.snapshot.quarantine.map(\.code) == ["equivocation"])
    let kept = town.store.snapshot.batches.values.joined().flatMap(\.changes).map(\.actor)
    #expect(kept == ["first"])
  }

  @Test("two batches signed for one index and told on two links: the second is quarantined")
  func equivocationOnTwoLinks() throws {
    let town = try node(SimulationPolicy(epoch: 1))
    #expect(try receive(parcel(actor: "first", home: village), at: town).refused == 0)
    for peer in [other, try #require(town.replicator.parent)] {
      let told = try parcel(actor: "second to \(peer)", home: village)
      #expect(try receive(told, from: peer, at: town).refused == 1)
    }
    let found = town.store.snapshot.quarantine
    #expect(found.map(\.code) == ["equivocation", "equivocation"])
    #expect(found.map(\.peer) == [other, town.replicator.parent])
    #expect(found.allSatisfy { $0.proof != nil })
    let kept = town.store.snapshot.batches.values.joined().flatMap(\.changes).map(\.actor)
    #expect(kept == ["first"])
  }

  @Test("a gap in the feed, a replay, a withdrawal from below, missing evidence")
  func malformedOrder() throws {
    let town = try node(SimulationPolicy(epoch: 1))
    #expect(throws: ParcelError.self) { try receive(parcel(from: 2), at: town) }
    #expect(try receive(parcel(), at: town).applied == 1)
    let before = town.store.snapshot.feeds[.bulk]?.entries.count
    #expect(try receive(parcel(), at: town).isReplay)
    #expect(town.store.snapshot.feeds[.bulk]?.entries.count == before)
    var wrong = try parcel(from: 2).parcel
    wrong.items = [.withdrawal(person, fields: nil)]
    #expect(throws: ParcelError.self) { try receive(VerifiedParcel(trusting: wrong), at: town) }
    var naked = try parcel(from: 2).parcel
    naked.evidence = []
    #expect(throws: ParcelError.self) { try receive(VerifiedParcel(trusting: naked), at: town) }
  }

  @Test("a write outside its author's scope is quarantined and answered by what stood before")
  func outsideScope() throws {
    let town = try node(nobodyWrites(a))
    let creation = SimulationPolicy.data[1]
    #expect(try receive(parcel(field: creation, home: village), at: town).refused == 0)
    let head = try #require(
      town.store.snapshot.links[village]?.bulk.peerChainDigest)
    let bad = try parcel(index: 2, previous: head, from: 2)
    let dot = Dot(Replica(node: village, incarnation: 1, lane: .bulk), 2)
    #expect(try receive(bad, at: town).refused == 1)
    #expect(town.store.snapshot.quarantine.map(\.code) == ["outside_scope"])
    let register = town.record(person)[a]
    #expect(register.covers(dot))
    #expect(register.shown()?.value == .null)
    let entry = try #require(town.store.snapshot.feeds[.bulk]?.entries.last)
    guard case .change(_, let answer, _, _, _, .own) = entry else {
      Issue.record("no answer in the feed: \(entry)")
      return
    }
    let sealed = town.store.snapshot.batches[answer.replica]?.first?.change(answer.index)
    #expect(sealed?.cause == .restore([dot]))
  }

  @Test("a creation outside scope is answered by a deletion that reaches its author")
  func creationOutsideScope() throws {
    let town = try node(nobodyWrites(a))
    #expect(try receive(parcel(home: village), at: town).refused == 1)
    #expect(town.record(person).isDeleted)
    #expect(!town.record(person)[a].isHeld)
  }
}
