import FuzzKit
import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SignedFeed
import Testing
import SeededRandom

@Suite("Frames")
struct FrameTests {
  /// One of each kind, of random content.
  static func random(_ r: inout SplitMix64) throws -> [Frame] {
    let ref = RecordRef(LedgerID(UInt16.random(in: 0...9, using: &r)), "key 𠮷\u{E000}")
    func position() -> LanePosition {
      let cursor = CatchUpCursor(
        start: UInt64.random(in: 0...9, using: &r), last: Bool.random(using: &r) ? ref : nil)
      return LanePosition(
        wanted: UInt64.random(in: 1...ByteReader.largest, using: &r),
        held: UInt64.random(in: 0...9, using: &r),
        catchUp: Bool.random(using: &r) ? cursor : nil)
    }
    let hello = Hello(
      versions: 1...UInt8.random(in: 1...9, using: &r), node: try Place.node("450103000000/civil"),
      incarnation: 3, knownIncarnation: UInt32.random(in: 0...5, using: &r),
      freeIncarnation: UInt32(Int32.random(in: 6...(.max), using: &r)), window: 1 << 20,
      bulk: position(), urgent: position(), policyEpoch: 7, catalogEpoch: 0,
      clock: Int64.random(in: .min...(.max), using: &r))
    let code = try #require(LinkRefusal.Code.allCases.randomElement(using: &r))
    return [
      .hello(hello), .parcel((0..<20).map { UInt8($0) }),
      .acknowledgement(
        lane: .urgent, parcels: 2, next: UInt64.random(in: 1...ByteReader.largest, using: &r)),
      .catchUpAcknowledgement(lane: .bulk, parcels: 300, last: ref),
      .refusal(LinkRefusal(code, "why 因为", position: 5)),
      .heartbeat(
        Heartbeat(clock: -1, unsealed: 4, policyEpoch: 1, catalogEpoch: ByteReader.largest)),
      .document(try #require(FakeDocuments.document(.policy, epoch: 2, bytes: 300).parts().first)),
      .bye(Bye(code: "stopping", hint: "back soon")),
    ] + (try handovers(ref, &r)) + (try digests(ref, &r)).map { Frame.digest($0) }
      + (try plans(&r)).map { Frame.plan($0) }
  }

  /// The frames of a plan.
  private static func plans(_ r: inout SplitMix64) throws -> [PlanFrame] {
    let (town, village) = (try Place.node("450103001000"), try Place.node("450103001005"))
    var tally = PlanTally()
    tally.gained = UInt64.random(in: 0...9, using: &r)
    tally.lost = 2
    tally.bytes = 1 << 40
    var counts = PlanTally.Counts()
    counts.gained = 3
    counts.verified = 1
    tally.fields = [FieldID(UInt8.random(in: 0..<63, using: &r)): counts]
    let flow = PlanFlow(
      sender: town, receiver: village, ledger: LedgerID(4),
      homes: [Home(village.code), Home(town.code, column: 1)])
    let contents: [PlanReport.Content] = [
      .roster([.init(village, .unreachable, heardAt: UInt64.random(in: 0...9, using: &r))]),
      .figures([.init(flow, tally), .init(flow, PlanTally())]), .done(looked: 7), .failed("policy"),
    ]
    let part = PlanQuestionPart(
      number: UInt64.random(in: 1...9, using: &r), policyEpoch: 3, catalogEpoch: 1, total: 9,
      offset: 4, bytes: [1, 2, 3, 4, 5])
    return [.question(part)] + contents.map { .report(PlanReport(number: 5, node: town, $0)) }
  }

  private static func handovers(
    _ ref: RecordRef, _ r: inout SplitMix64
  ) throws -> [Frame] {
    let node = try Place.node("450103001005")
    let key = try #require(SealingKey(raw: (0..<32).map { _ in .random(in: 0...255, using: &r) }))
    let replica = Replica(node: node, incarnation: 1, lane: .bulk)
    let question = HandoverInquiry.Question(
      field: FieldID(UInt8.random(in: 0..<63, using: &r)), dot: Dot(replica, 9),
      proof: Digest(hashing: [1]), isVouched: .random(using: &r))
    return [
      .handoverKey(
        HandoverKey(
          node: node, key: key, signer: Digest(hashing: [2]), signature: [3, 4], chain: [[5], []])),
      .inquiry(
        HandoverInquiry(
          id: UInt64.random(in: 1...ByteReader.largest, using: &r),
          groups: [.init(ref, [question, question]), .init(ref, [])])),
      .answer(HandoverAnswer(id: 7, isSafe: [true, .random(using: &r), false])),
    ]
  }

  /// The frames of a comparison.
  private static func digests(
    _ ref: RecordRef, _ r: inout SplitMix64
  ) throws -> [DigestFrame] {
    let range = KeyRange(ref.ledger, after: Bool.random(using: &r) ? "a" : nil, through: ref.key)
    let author = Replica(node: try Place.village, incarnation: 1, lane: .bulk)
    let dot = Dot(author, UInt64.random(in: 1...900, using: &r))
    let share = LinkShare(fields: [.alive, FieldID(7)], certain: [DotFields(dot, [.alive])])
    var sum = HashNumbers(hashing: [1])
    sum.add(sum)
    let part = DigestPart(last: ref.key, digest: RangeDigest(count: 3, sum: sum))
    let entry = DigestEntry(
      key: ref.key, digest: ShortDigest(high: UInt64.random(in: 0...(.max), using: &r), low: 1))
    let held = RecordDetail(ref: ref, isMoving: false, share: share)
    let questions: [DigestQuestion] = [
      .parts(range, size: 64), .records(range), .details([ref]), .repair([ref]), .setAside([held]),
    ]
    let answers: [DigestAnswer] = [
      .parts([part], isWhole: true), .records([entry, entry], isWhole: false),
      .details([RecordDetail(ref: ref, isMoving: true, share: share)]),
      .repaired(told: 1, heads: LanePositions(bulk: 5, urgent: 1)), .notNow("policy"),
    ]
    var comparison = LinkComparison()
    comparison.compared = 900
    comparison.different = 2
    return questions.map { .question(number: 7, policyEpoch: 3, catalogEpoch: 0, $0) }
      + answers.map { .answer(number: 7, $0) } + [.conclusion(comparison)]
  }

  @Test("every frame comes back as it was")
  func roundTrip() throws {
    var r = SplitMix64(seed: 1)
    for _ in 0..<50 {
      for frame in try Self.random(&r) { #expect(try Frame(decoding: frame.encoded()) == frame) }
    }
  }

  @Test("a frame cut short anywhere is refused, and so is one with a byte too many")
  func truncated() throws {
    var r = SplitMix64(seed: 2)
    for frame in try Self.random(&r) {
      if case .parcel = frame { continue }
      let bytes = frame.encoded()
      for count in 0..<bytes.count {
        #expect(throws: LinkRefusal.self, "\(frame.tag) cut to \(count)") {
          try Frame(decoding: Array(bytes[..<count]))
        }
      }
      #expect(throws: LinkRefusal.self) { try Frame(decoding: bytes + [0]) }
    }
  }

  @Test(
    "an oversized frame, another version and a digest frame of no known kind have their own codes")
  func refusedKinds() throws {
    func code(_ bytes: [UInt8]) -> LinkRefusal.Code? {
      do {
        _ = try Frame(decoding: bytes)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code([UInt8](repeating: 1, count: FrameLimits.frameBytes + 1)) == .oversized)
    #expect(code([2, 1]) == .unsupported)
    #expect(code([1, Frame.Tag.digest.rawValue, 6]) == .unsupported)
    #expect(code([1, 200]) == .malformed)
    #expect(code([]) == .malformed)
  }

  @Test("a text for people that is too long is cut at a whole character")
  func longText() throws {
    let frame = Frame.refusal(LinkRefusal(.forged, String(repeating: "字", count: 1000)))
    guard case .refusal(let refusal) = try Frame(decoding: frame.encoded()) else {
      Issue.record("another frame")
      return
    }
    #expect(refusal.detail == String(repeating: "字", count: 341))
  }

  @Test("a document of any size comes back from its parts, and out of order it does not")
  func documentParts() throws {
    for bytes in [0, 1, FrameLimits.documentPartBytes, 300_000] {
      let document = FakeDocuments.document(.catalog, bytes: bytes)
      var assembly = DocumentAssembly()
      var result: SignedDocument?
      for part in document.parts() {
        #expect(result == nil)
        #expect(Frame.document(part).encoded().count <= FrameLimits.frameBytes)
        result = try assembly.take(part)
      }
      #expect(result == document)
    }
    let parts = FakeDocuments.document(.catalog, bytes: 300_000).parts()
    var assembly = DocumentAssembly()
    #expect(throws: LinkRefusal.self) { try assembly.take(parts[1]) }
  }

  @Test("no bytes bring the decoder down; whatever is taken encodes to the very bytes")
  func fuzz() throws {
    var r = SplitMix64(seed: 3)
    var samples: [(String, [UInt8])] = []
    for round in 0..<4 {
      for frame in try Self.random(&r) {
        samples.append(("\(frame.tag)-\(round)", frame.encoded()))
      }
    }
    try Fuzzer("frames", samples: samples).run { bytes, _ in
      guard let frame = try? Frame(decoding: bytes) else { return .refused }
      #expect(frame.encoded() == bytes)
      return .accepted
    }
  }

  @Test(
    "no bytes bring the decoder of digest frames down; whatever is taken encodes to the very bytes")
  func fuzzDigests() throws {
    var r = SplitMix64(seed: 4)
    var samples: [(String, [UInt8])] = []
    let ref = RecordRef(LedgerID(3), "key 𠮷")
    for _ in 0..<3 {
      for frame in try Self.digests(ref, &r) {
        samples.append(("digest-\(samples.count)", Frame.digest(frame).encoded()))
      }
    }
    try Fuzzer("digests", samples: samples).run { bytes, _ in
      do throws(LinkRefusal) {
        let frame = try Frame(decoding: bytes)
        #expect(frame.encoded() == bytes)
        return .accepted
      } catch {
        #expect([.malformed, .oversized, .unsupported].contains(error.code))
        return .refused
      }
    }
  }
}
