import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing
import SeededRandom

@Suite("Hand-over files")
struct HandoverBundleTests {
  /// A record that moved between counties, and the file of what the region may not see, made by the old county.
  private struct Story {
    let world: World
    let bundle: HandoverBundle
    let values: [HandedValues]

    init() throws {
      let narrow = SimulationPolicy(
        epoch: 1, region: SimulationPolicy.ungated.union([World.a]),
        department: SimulationPolicy.all, elsewhere: SimulationPolicy.all,
        village: SimulationPolicy.all, hasGate: false)
      let world = World(narrow)
      self.world = world
      try world.network.tellHandoverKeys()
      try world.create(
        world.village111, home: world.village111, [World.a: .integer(1), World.b: .integer(2)])
      try #require(world.settle() == [])
      try world.move(world.county1, to: world.village211)
      try #require(world.settle() == [])
      let county = world.network.node(world.county1)
      let items = county.store.snapshot.archive.compactMap { item -> HandoverBundle.Item? in
        guard case .sealed(_, let box) = item.content, !item.isAskable else { return nil }
        return HandoverBundle.Item(
          ref: item.ref, payload: item.payload, movedTo: item.movedTo, box: box)
      }
      let signers = try [world.village111, world.county1].map { try Story.record($0, world) }
      let bundle = try HandoverBundle(
        from: world.county1, to: world.region, items, signers: signers, made: 1,
        signedBy: county.replicator.signer)
      self.bundle = bundle
      values = try bundle.open(
        as: world.region, world.network.node(world.region).sealing, by: PlainAuthority())
    }

    static func record(_ node: NodeID, _ world: World) throws -> SignerRecord {
      let signer = try #require(
        world.network.node(node).replicator.signer as? Ed25519Signer)
      return SignerRecord(
        fingerprint: signer.fingerprint, node: node,
        chain: [PlainAuthority.certificate(node, signer.publicKey)])
    }

    func takeIn(_ node: NodeID, _ values: [HandedValues]) throws -> HandoverOutcome {
      let me = world.network.node(node)
      var rng = SplitMix64(seed: 1)
      return try me.store.writeNow { [replicator = me.replicator] tx in
        try replicator.takeIn(values, tx, at: Moment(now: 9), using: &rng)
      }
    }
  }

  @Test("the receiving county takes the values in, its village gets them, twice is once")
  func arrives() throws {
    let story = try Story()
    let world = story.world
    #expect(world.number(world.county2, World.b) == nil)
    let outcome = try story.takeIn(world.county2, story.values)
    #expect(outcome.taken == [world.person])
    #expect(world.settle() == [])
    for node in [world.county2, world.town21, world.village211] {
      #expect(world.number(node, World.b) == 2, "\(node)")
    }
    #expect(!world.record(world.region)[World.b].isHeld)
    #expect(try story.takeIn(world.county2, story.values).known == [world.person])
  }

  @Test(
    "an edit made at the new home before the file came stays beside the value that it did not see")
  func editedMeanwhile() throws {
    let story = try Story()
    let world = story.world
    try world.write(world.village211, [World.b: .integer(7)])
    #expect(world.settle() == [])
    _ = try story.takeIn(world.county2, story.values)
    #expect(world.settle() == [])
    for node in [world.county2, world.village211] {
      let values = Set(world.record(node)[World.b].siblings.map(\.value))
      #expect(values == [.integer(2), .integer(7)], "\(node)")
    }
  }

  @Test(
    "a node that does not hold the record, or may not hold the field, says so and changes nothing")
  func notHere() throws {
    let story = try Story()
    let world = story.world
    #expect(try story.takeIn(world.town12, story.values).absent == [world.person])
    #expect(try story.takeIn(world.region, story.values).outside == [world.person])
    #expect(
      world.network.node(world.region).store.snapshot.batches.values.joined().allSatisfy { batch in
        batch.changes.allSatisfy { !$0.fields.contains(World.b) }
      })
  }

  @Test("a file for another node, for another key, or altered in any byte is refused")
  func refused() throws {
    let story = try Story()
    let world = story.world
    let authority = PlainAuthority()
    let key = world.network.node(world.region).sealing
    #expect(throws: HandoverFault.wrongReceiver(world.region)) {
      try story.bundle.open(as: world.county2, key, by: authority)
    }
    #expect(throws: HandoverFault.otherKey) {
      try story.bundle.open(as: world.region, SealingIdentity(), by: authority)
    }
    let bytes = story.bundle.encoded()
    #expect(try HandoverBundle(decoding: bytes, by: authority) == story.bundle)
    for at in bytes.indices {
      var altered = bytes
      altered[at] ^= 1
      #expect(throws: HandoverFault.self, "byte \(at)") {
        try HandoverBundle(decoding: altered, by: authority)
          .open(as: world.region, key, by: authority)
      }
    }
    let fault = #expect(throws: HandoverFault.self) {
      try HandoverBundle(decoding: Array("junk".utf8), by: authority)
    }
    #expect(fault.map { "\($0)" }?.contains("it does not begin as one") == true, "\(fault as Any)")
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: HandoverFault.self) {
        try HandoverBundle(decoding: Array(bytes[..<count]), by: authority)
      }
    }
  }

  @Test("a forwarder cannot put values under another record, nor values that no author signed")
  func boundToRecord() throws {
    let story = try Story()
    let world = story.world
    let county = world.network.node(world.county2)
    let region = world.network.node(world.region)
    let sealer = try Sealer(to: county.sealing.publicKey)
    func file(_ ref: RecordRef, _ evidence: [SignedBatch]) throws -> HandoverBundle {
      let item = try #require(story.bundle.items.first)
      var context = ByteWriter()
      context.text("huijia handover box 1")
      context.ref(ref)
      context.fieldDots(item.payload)
      let box = try sealer.seal(evidence.sealedForm, context: context.bytes)
      return try HandoverBundle(
        from: world.region, to: world.county2,
        [.init(ref: ref, payload: item.payload, movedTo: nil, box: box)],
        signers: story.bundle.signers + [try Story.record(world.region, world)], made: 1,
        signedBy: region.replicator.signer)
    }
    func opens(_ bundle: HandoverBundle) -> Bool {
      (try? bundle.open(as: world.county2, county.sealing, by: PlainAuthority())) != nil
    }
    let evidence = try #require(story.values.first?.evidence)
    #expect(opens(try file(world.person, evidence)))
    #expect(!opens(try file(RecordRef(SimulationPolicy.bulk, "another"), evidence)))
    #expect(!opens(try file(world.person, [])))
    #expect(!opens(try file(world.person, evidence.map { $0.pruned(to: [:]) })))
  }
}
