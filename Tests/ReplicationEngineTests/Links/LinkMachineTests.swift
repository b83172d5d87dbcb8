import ReplicationCore
import ReplicationEngine
import Testing

@Suite("The link machine")
struct LinkMachineTests {
  static func opening(
    feed: Range<UInt64> = 1..<1, incarnation: UInt32 = 1, knows peer: UInt32 = 0,
    bulk: LaneState = LaneState()
  ) -> LinkOpening {
    LinkOpening(
      incarnation: incarnation, peerIncarnation: peer,
      bulk: .init(feed: feed, nextIndex: feed.upperBound, state: bulk),
      urgent: .init(feed: feed, nextIndex: feed.upperBound, state: LaneState()), policyEpoch: 1,
      catalogEpoch: 1)
  }

  /// A town's end of the link with its village.
  static func machine(_ opening: LinkOpening, window: UInt64 = 1000) throws -> LinkMachine {
    LinkMachine(
      node: try Place.town, peer: try Place.village, role: .child, opening: opening,
      window: window)
  }

  static func hello(
    node: NodeID? = nil, wanted: UInt64 = 1, held: UInt64 = 0, incarnation: UInt32 = 1,
    knows: UInt32 = 1, free: UInt32? = nil, catchUp: CatchUpCursor? = nil,
    versions: ClosedRange<UInt8> = 1...1
  ) throws -> Hello {
    let position = LanePosition(wanted: wanted, held: held, catchUp: catchUp)
    return Hello(
      versions: versions, node: try node ?? Place.village, incarnation: incarnation,
      knownIncarnation: knows, freeIncarnation: free ?? knows + 1, window: 1000, bulk: position,
      urgent: position, policyEpoch: 1,
      catalogEpoch: 1, clock: 0)
  }

  /// A machine after both hellos.
  static func live(
    _ opening: LinkOpening = opening(feed: 1..<100), hello: Hello? = nil
  ) throws -> LinkMachine {
    var machine = try machine(opening)
    _ = machine.open(clock: 0)
    _ = try machine.received(try hello ?? Self.hello())
    return machine
  }

  private func refused(
    _ code: LinkRefusal.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws(LinkRefusal) -> Void
  ) {
    do throws(LinkRefusal) {
      try body()
      Issue.record("was not refused", sourceLocation: sourceLocation)
    } catch {
      #expect(error.code == code, sourceLocation: sourceLocation)
    }
  }

  @Test("a hello is refused that no version, name, place or history fits")
  func helloRefused() throws {
    let newer = LinkMachine.versions.upperBound + 1
    let cases: [(Hello, LinkRefusal.Code)] = [
      (try Self.hello(versions: newer...newer), .unknownProtocol),
      (try Self.hello(node: Place.hamlet), .wrongIdentity),
    ]
    for (hello, code) in cases {
      var machine = try Self.machine(Self.opening(feed: 1..<100))
      _ = machine.open(clock: 0)
      refused(code) { () throws(LinkRefusal) in _ = try machine.received(hello) }
    }
    var stranger = LinkMachine(
      node: try Place.town, peer: try Place.elsewhere, role: .child, opening: Self.opening(),
      window: 1)
    _ = stranger.open(clock: 0)
    let hello = try Self.hello(node: Place.elsewhere)
    refused(.notRelated) { () throws(LinkRefusal) in _ = try stranger.received(hello) }
  }

  @Test(
    "a hello that knows more of this node than it does, or less of the peer, shows who was restored"
  )
  func restoredShown() throws {
    func judged(_ opening: LinkOpening, _ hello: Hello) throws -> LinkMachine.HelloJudgement {
      var machine = try Self.machine(opening)
      _ = machine.open(clock: 0)
      return try machine.received(hello)
    }
    let own = Self.opening(feed: 1..<100)
    let behind: [(Hello, UInt32)] = [
      (try Self.hello(wanted: 101), 2),
      (try Self.hello(held: 100), 2),
      (try Self.hello(knows: 2), 3),
      // Never met, but signed batches of a later incarnation are held.
      (try Self.hello(knows: 0, free: 5), 5),
      // The link state was lost there; the evidence was not.
      (try Self.hello(held: 100, knows: 0, free: 2), 2),
    ]
    for (hello, free) in behind {
      guard case .ownPast(let past) = try judged(own, hello) else {
        Issue.record("\(hello) was not found out")
        continue
      }
      #expect(past.freeIncarnation == free)
    }
    for good in [try Self.hello(wanted: 100), try Self.hello(held: 99), try Self.hello(knows: 0)] {
      guard case .good = try judged(own, good) else {
        Issue.record("\(good) was not good")
        continue
      }
    }
    // What is held of an older incarnation says nothing of this one.
    let renewed = Self.opening(feed: 1..<10, incarnation: 2)
    guard case .good(let effect) = try judged(renewed, Self.hello(wanted: 500, held: 500)) else {
      Issue.record("a new incarnation was judged by its old one")
      return
    }
    #expect(effect.needsState)
    guard case .peersPast = try judged(Self.opening(knows: 2), Self.hello()) else {
      Issue.record("the peer's restore was not found out")
      return
    }
  }

  @Test("before the hello every other frame is refused, after the end every frame is ignored")
  func everyPhase() throws {
    var machine = try Self.machine(Self.opening(feed: 1..<100))
    _ = machine.open(clock: 0)
    let part = try #require(FakeDocuments.document(.policy).parts().first)
    let heartbeat = Heartbeat(clock: 0, unsealed: 0, policyEpoch: 1, catalogEpoch: 1)
    let ref = RecordRef(LedgerID(1), "k")
    refused(.unexpected) { () throws(LinkRefusal) in
      _ = try machine.received(.feed(from: 1, next: 2), lane: .bulk, bytes: 1)
    }
    refused(.unexpected) { () throws(LinkRefusal) in _ = try machine.received(part) }
    refused(.unexpected) { () throws(LinkRefusal) in _ = try machine.received(heartbeat) }
    refused(.unexpected) { () throws(LinkRefusal) in
      _ = try machine.acknowledged(.bulk, parcels: 1, next: 1)
    }
    refused(.unexpected) { () throws(LinkRefusal) in
      _ = try machine.acknowledgedCatchUp(.bulk, parcels: 1, last: ref)
    }
    _ = try machine.received(try Self.hello())
    let second = try Self.hello()
    refused(.unexpected) { () throws(LinkRefusal) in _ = try machine.received(second) }
    refused(.unexpected) { () throws(LinkRefusal) in _ = try machine.received(part) }
    machine.close()
    #expect(try machine.received(second) == .ignored)
    #expect(try !machine.received(.feed(from: 9, next: 2), lane: .bulk, bytes: 1))
    #expect(try !machine.acknowledged(.bulk, parcels: 1, next: 50))
    #expect(try !machine.acknowledgedCatchUp(.bulk, parcels: 1, last: ref))
    #expect(try !machine.received(part))
    #expect(try !machine.received(heartbeat))
    #expect(machine.nextStep == nil)
  }

  @Test("a replayed, a skipped and an empty stretch are refused and told apart")
  func positions() throws {
    var machine = try Self.live()
    #expect(try machine.received(.feed(from: 1, next: 5), lane: .bulk, bytes: 1))
    refused(.replayed) { () throws(LinkRefusal) in
      _ = try machine.received(.feed(from: 1, next: 5), lane: .bulk, bytes: 1)
    }
    refused(.outOfOrder) { () throws(LinkRefusal) in
      _ = try machine.received(.feed(from: 6, next: 7), lane: .bulk, bytes: 1)
    }
    refused(.malformed) { () throws(LinkRefusal) in
      _ = try machine.received(.feed(from: 5, next: 4), lane: .bulk, bytes: 1)
    }
    #expect(try machine.received(.feed(from: 1, next: 2), lane: .urgent, bytes: 1))
  }

  @Test("more than the window is refused until it was acknowledged")
  func flood() throws {
    var machine = try Self.live()
    #expect(try machine.received(.feed(from: 1, next: 2), lane: .bulk, bytes: 999))
    #expect(try machine.received(.feed(from: 2, next: 3), lane: .bulk, bytes: 999))
    refused(.flood) { () throws(LinkRefusal) in
      _ = try machine.received(.feed(from: 3, next: 4), lane: .bulk, bytes: 1)
    }
    machine.acknowledging(.bulk, bytes: 999)
    #expect(try machine.received(.feed(from: 3, next: 4), lane: .bulk, bytes: 1))
  }

  @Test("the sender stops at the window and goes on with the acknowledgement; urgent goes first")
  func window() throws {
    var machine = try Self.live()
    #expect(machine.nextStep == .feed(.urgent, from: 1))
    machine.sending(.feed(from: 1, next: 100), lane: .urgent, bytes: 10)
    #expect(machine.nextStep == .feed(.bulk, from: 1))
    machine.sending(.feed(from: 1, next: 10), lane: .bulk, bytes: 600)
    #expect(machine.nextStep == .feed(.bulk, from: 10))
    machine.sending(.feed(from: 10, next: 20), lane: .bulk, bytes: 600)
    #expect(machine.nextStep == nil)
    machine.feedGrew(.urgent, to: 101)
    #expect(machine.nextStep == .feed(.urgent, from: 100))
    machine.sending(.feed(from: 100, next: 101), lane: .urgent, bytes: 10)
    refused(.unexpected) { () throws(LinkRefusal) in
      _ = try machine.acknowledged(.bulk, parcels: 1, next: 20)
    }
    refused(.unexpected) { () throws(LinkRefusal) in
      _ = try machine.acknowledged(.bulk, parcels: 3, next: 20)
    }
    #expect(try machine.acknowledged(.bulk, parcels: 2, next: 20))
    #expect(machine.nextStep == .feed(.bulk, from: 20))
    #expect(machine[out: .bulk].unacknowledgedBytes == 0)
  }

  @Test("a position that is no longer kept, or another incarnation, begins a catch-up by state")
  func catchUpBegins() throws {
    let trimmed = try Self.live(Self.opening(feed: 50..<100))
    // Of what is not kept any more only states can tell; the rest follows them.
    #expect(trimmed[out: .bulk].mode == .catchUp(start: 50, after: nil))
    let foreign = try Self.live(
      Self.opening(feed: 1..<100, incarnation: 2), hello: Self.hello(knows: 1))
    // What the peer has not acknowledged follows its catch-up.
    #expect(foreign[out: .bulk].mode == .catchUp(start: 1, after: nil))
    #expect(foreign[in: .bulk].needsState)
    let renewed = try Self.live(
      Self.opening(feed: 1..<100, knows: 1), hello: Self.hello(incarnation: 2))
    #expect(renewed[out: .bulk].isCatchingUp)
    let fresh = try Self.live(Self.opening(feed: 1..<100), hello: Self.hello(knows: 0))
    #expect(fresh[out: .bulk].mode == .feed)
    #expect(fresh[out: .bulk].next == 1)
  }

  @Test("an interrupted catch-up goes on at its cursor while the feed is kept from its start")
  func catchUpResumes() throws {
    let last = RecordRef(LedgerID(1), "m")
    let cursor = CatchUpCursor(start: 70, last: last)
    let kept = try Self.live(
      Self.opening(feed: 60..<100), hello: Self.hello(catchUp: cursor))
    #expect(kept[out: .bulk].mode == .catchUp(start: 70, after: last))
    let trimmed = try Self.live(
      Self.opening(feed: 80..<100), hello: Self.hello(catchUp: cursor))
    #expect(trimmed[out: .bulk].mode == .catchUp(start: 80, after: nil))
  }

  @Test("a catch-up that was owed when the link broke still begins at what was not acknowledged")
  func catchUpOwed() throws {
    var state = LaneState()
    state.acknowledged = 65
    let owed = try Self.hello(catchUp: CatchUpCursor(start: 0, last: nil))
    // The first link after a restore ended before its first parcel: the second knows of no new incarnation any more.
    let anew = try Self.live(Self.opening(feed: 60..<100, bulk: state), hello: owed)
    #expect(anew[out: .bulk].mode == .catchUp(start: 65, after: nil))
  }

  @Test("a catch-up that is received runs upwards, ends at its start, and lets no feed in between")
  func catchUpReceived() throws {
    func ref(_ key: String) -> RecordRef { RecordRef(LedgerID(1), key) }
    func part(_ key: String?, start: UInt64 = 40, isComplete: Bool = false) -> Parcel.Span {
      .catchUp(start: start, last: key.map(ref), done: 1, total: 9, isComplete: isComplete)
    }
    var machine = try Self.live()
    #expect(try machine.received(part("c"), lane: .bulk, bytes: 1))
    #expect(machine.isCatchingUp)
    refused(.outOfOrder) { () throws(LinkRefusal) in
      _ = try machine.received(.feed(from: 1, next: 2), lane: .bulk, bytes: 1)
    }
    refused(.replayed) { () throws(LinkRefusal) in
      _ = try machine.received(part("b"), lane: .bulk, bytes: 1)
    }
    refused(.outOfOrder) { () throws(LinkRefusal) in
      _ = try machine.received(part("d", start: 41), lane: .bulk, bytes: 1)
    }
    refused(.malformed) { () throws(LinkRefusal) in
      _ = try machine.received(part(nil), lane: .bulk, bytes: 1)
    }
    #expect(try machine.received(part("d", isComplete: true), lane: .bulk, bytes: 1))
    #expect(!machine.isCatchingUp)
    #expect(try machine.received(.feed(from: 40, next: 41), lane: .bulk, bytes: 1))
  }

  @Test("a catch-up may run through keys in the order of numbers, and not back")
  func catchUpOfNumbers() throws {
    func part(_ key: String) -> Parcel.Span {
      let last = RecordRef(LedgerID(1), key)
      return .catchUp(start: 40, last: last, done: 1, total: 9, isComplete: false)
    }
    var machine = try Self.live()
    for key in ["-5", "3", "999", "1200", "20000"] {
      #expect(try machine.received(part(key), lane: .bulk, bytes: 1))
    }
    refused(.replayed) { () throws(LinkRefusal) in
      _ = try machine.received(part("20000"), lane: .bulk, bytes: 1)
    }
    refused(.replayed) { () throws(LinkRefusal) in
      _ = try machine.received(part("1300"), lane: .bulk, bytes: 1)
    }
  }

  @Test("parts of one record repeat where the catch-up stands, and nothing else")
  func partsOfARecord() throws {
    func part(_ key: String?, total: UInt64 = 0) -> Parcel.Span {
      let last = key.map { RecordRef(LedgerID(1), $0) }
      return .catchUp(start: 40, last: last, done: 0, total: total, isComplete: false)
    }
    var machine = try Self.live()
    #expect(try machine.received(part(nil), lane: .bulk, bytes: 1))
    #expect(try machine.received(part(nil), lane: .bulk, bytes: 1))
    refused(.outOfOrder) { () throws(LinkRefusal) in
      _ = try machine.received(part("c"), lane: .bulk, bytes: 1)
    }
    #expect(try machine.received(part("c", total: 9), lane: .bulk, bytes: 1))
    #expect(try machine.received(part("c"), lane: .bulk, bytes: 1))
    refused(.replayed) { () throws(LinkRefusal) in
      _ = try machine.received(part("c", total: 9), lane: .bulk, bytes: 1)
    }
    #expect(machine[in: .bulk].total == 9)
  }

  @Test("no data goes before both ends have a policy")
  func policyFirst() throws {
    var hello = try Self.hello()
    hello.policyEpoch = 0
    var machine = try Self.live(hello: hello)
    #expect(machine.owesDocuments)
    #expect(machine.nextStep == nil)
    machine.peerAdopted(policyEpoch: 1, catalogEpoch: 1)
    #expect(!machine.owesDocuments)
    #expect(machine.nextStep != nil)
  }
}
