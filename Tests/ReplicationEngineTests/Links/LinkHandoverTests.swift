import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing

@Suite("Hand-overs on a link")
struct LinkHandoverTests {
  private static func key(_ node: NodeID) throws -> HandoverKey {
    let signer = Ed25519Signer()
    return try HandoverKey(
      of: node, SealingIdentity().publicKey, signedBy: signer,
      chain: [PlainAuthority.certificate(node, signer.publicKey)])
  }

  private static func code(
    _ machine: LinkMachine, _ frame: Frame
  ) -> (isTaken: Bool?, code: LinkRefusal.Code?) {
    do throws(LinkRefusal) {
      return (try machine.received(handover: frame), nil)
    } catch {
      return (nil, error.code)
    }
  }

  @Test("keys come from the peer itself, questions from children, answers from the parent")
  func everyPhase() throws {
    let own = Frame.handoverKey(try Self.key(Place.village))
    let foreign = Frame.handoverKey(try Self.key(Place.hamlet))
    let inquiry = Frame.inquiry(HandoverInquiry(id: 1, groups: []))
    let answer = Frame.answer(HandoverAnswer(id: 1, isSafe: []))
    var machine = try LinkMachineTests.machine(LinkMachineTests.opening(feed: 1..<100))
    _ = machine.open(clock: 0)
    for frame in [own, foreign, inquiry, answer] {
      #expect(Self.code(machine, frame).code == .unexpected, "before the hello")
    }
    machine = try LinkMachineTests.live()
    #expect(Self.code(machine, own).isTaken == true)
    #expect(Self.code(machine, foreign).code == .forged)
    #expect(Self.code(machine, inquiry).isTaken == true)
    #expect(Self.code(machine, answer).code == .unexpected, "a child answers")
    machine.close()
    for frame in [own, foreign, inquiry, answer] {
      #expect(Self.code(machine, frame).isTaken == false, "after the end")
    }
  }

  @Test("a key is kept only when the peer signed it")
  func signedKeys() async throws {
    let tree = ProvenTree()
    try tree.start(Place.town)
    let service = try tree.service(Place.town)
    let key = try Self.key(Place.village)
    try await service.learned(key, from: Place.village)
    let kept = try tree.store(Place.town).readNow { try $0.handoverKey(of: try Place.village) }
    #expect(kept == key)
    let swapped = HandoverKey(
      node: key.node, key: SealingIdentity().publicKey, signer: key.signer,
      signature: key.signature, chain: key.chain)
    await #expect(throws: LinkRefusal.self) {
      try await service.learned(swapped, from: Place.village)
    }
    let other = try Self.key(Place.hamlet)
    let foreign = HandoverKey(
      node: key.node, key: other.key, signer: other.signer, signature: other.signature,
      chain: other.chain)
    await #expect(throws: LinkRefusal.self) {
      try await service.learned(foreign, from: Place.village)
    }
    let last = try tree.store(Place.town).readNow { try $0.handoverKey(of: try Place.village) }
    #expect(last == key)
    await tree.end()
  }

  @Test("an answer counts once, whole, and to the question that was asked")
  func answers() throws {
    let questions = HandoverQuestions()
    let replica = Replica(node: try Place.village, incarnation: 1, lane: .bulk)
    func group(_ key: String, _ count: UInt64) -> HandoverInquiry.Group {
      HandoverInquiry.Group(
        RecordRef(LedgerID(1), key),
        (1...count).map {
          .init(
            field: FieldID(3), dot: Dot(replica, $0), proof: Digest(hashing: []), isVouched: true)
        })
    }
    let rows: [(id: UInt64, group: HandoverInquiry.Group)] = [
      (7, group("a", 2)), (8, group("b", 1)),
    ]
    let first = questions.next(rows, at: 0)
    let inquiry = try #require(first)
    #expect(!questions.mayAsk(at: 1))
    #expect(questions.answered(HandoverAnswer(id: inquiry.id + 1, isSafe: [])) == nil)
    #expect(
      questions.answered(HandoverAnswer(id: inquiry.id, isSafe: [true, false, true])) == [8])
    #expect(questions.answered(HandoverAnswer(id: inquiry.id, isSafe: [true, true, true])) == [])
    let again = questions.next([rows[0]], at: 2)
    let second = try #require(again)
    #expect(questions.answered(HandoverAnswer(id: second.id, isSafe: [true])) == nil)
    // What a child asks goes up once, and the answer waits for it.
    let child = try Place.hamlet
    let asked = HandoverInquiry(id: 1, groups: [group("c", 1)])
    let verdict = HandoverVerdict(isSafe: [false], onward: asked.groups)
    #expect(questions.complete(verdict, of: asked, by: child) == [false])
    #expect(questions.complete(verdict, of: asked, by: child) == [false])
    let passedOn = questions.next([], at: 3)
    let third = try #require(passedOn)
    #expect(third.groups == asked.groups)
    #expect(questions.answered(HandoverAnswer(id: third.id, isSafe: [true])) == [])
    #expect(questions.complete(verdict, of: asked, by: child) == [true])
    #expect(questions.complete(verdict, of: asked, by: try Place.village) == [false])
  }
}
