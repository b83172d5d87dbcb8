package import ReplicationCore

extension LinkMachine {
  /// The protocol versions that this build speaks.
  package static let versions: ClosedRange<UInt8> = 1...1

  /// What a good hello asks to be made durable before any data.
  package struct HelloEffect: Sendable, Hashable {
    /// The peer's incarnation to keep.
    package var peerIncarnation: UInt32
    /// One end began anew since they last met: the positions of both lanes count no more, and both catch up by state.
    package var needsState: Bool
    /// Positions that the peer has processed although its acknowledgement did not come.
    package var acknowledged: [Lane: UInt64]
    /// Where this node's feed ended when the link was opened: a catch-up begins there.
    package var feedEnds: [Lane: UInt64]
  }

  /// This end's hello; enters `hello`. Called once, first.
  package mutating func open(clock: Int64) -> Hello {
    precondition(phase == .dialing, "the hello is the first frame")
    enter(.hello)
    func position(_ lane: Lane) -> LanePosition {
      let state = opening[lane].state
      return LanePosition(
        wanted: state.received, held: state.peerChainIndex,
        catchUp: state.catchUpPosition.map { CatchUpCursor(start: $0, last: state.catchUpLast) })
    }
    return Hello(
      versions: Self.versions, node: node, incarnation: opening.incarnation,
      knownIncarnation: opening.peerIncarnation, window: window, bulk: position(.bulk),
      urgent: position(.urgent), policyEpoch: policyEpoch, catalogEpoch: catalogEpoch,
      clock: clock)
  }

  /// Judges the peer's hello and enters `live`. Throws why the link cannot be; in `closing` it is ignored (nil).
  package mutating func received(_ hello: Hello) throws(LinkRefusal) -> HelloEffect? {
    switch phase {
    case .closing: return nil
    case .dialing, .live:
      throw LinkRefusal(.unexpected, "a second hello, or one before mine")
    case .hello: break
    }
    try check(hello)
    let needsState =
      (hello.knownIncarnation != 0 && hello.knownIncarnation != opening.incarnation)
      || (opening.peerIncarnation != 0 && opening.peerIncarnation != hello.incarnation)
    var effect = HelloEffect(
      peerIncarnation: hello.incarnation, needsState: needsState, acknowledged: [:],
      feedEnds: [
        .bulk: opening.bulk.feed.upperBound, .urgent: opening.urgent.feed.upperBound,
      ])
    for lane in Lane.allCases {
      begin(lane, hello, needsState: needsState)
      let acknowledged = opening[lane].state.acknowledged
      let wanted = hello[lane].wanted
      if !needsState, hello[lane].catchUp == nil, hello.knownIncarnation != 0,
        wanted > acknowledged
      {
        effect.acknowledged[lane] = wanted
        self[out: lane].acknowledged = wanted
      }
    }
    peerHello = hello
    peerAdopted(policyEpoch: hello.policyEpoch, catalogEpoch: hello.catalogEpoch)
    enter(.live)
    return effect
  }

  /// Decides where sending begins on a lane, and what may come in.
  private mutating func begin(_ lane: Lane, _ hello: Hello, needsState: Bool) {
    let feed = opening[lane].feed
    let theirs = hello[lane]
    if needsState || theirs.catchUp != nil || theirs.wanted < feed.lowerBound {
      // Resumed when the feed is still kept from where it began, else begun anew.
      if !needsState, let cursor = theirs.catchUp, cursor.start >= feed.lowerBound,
        cursor.start > 0, cursor.start <= feed.upperBound
      {
        self[out: lane].mode = .catchUp(start: cursor.start, after: cursor.last)
      } else {
        self[out: lane].mode = .catchUp(start: feed.upperBound, after: nil)
      }
    } else {
      self[out: lane].next = theirs.wanted
    }
    if needsState {
      self[in: lane].needsState = true
      self[in: lane].catchUp = CatchUpCursor(start: 0, last: nil)
      self[in: lane].expected = 1
    }
  }

  private func check(_ hello: Hello) throws(LinkRefusal) {
    guard hello.versions.overlaps(Self.versions) else {
      throw LinkRefusal(
        .unknownProtocol,
        "\(peer) speaks versions \(hello.versions) of the protocol, this node \(Self.versions): upgrade the older of the two",
        position: UInt64(hello.versions.upperBound))
    }
    guard hello.node == peer else {
      throw LinkRefusal(
        .wrongIdentity, "the certificate names \(peer), the hello \(hello.node)")
    }
    let related = role == .parent ? peer.mayBeParent(of: node) : node.mayBeParent(of: peer)
    guard related else {
      throw LinkRefusal(.notRelated, "\(peer) is not a \(role.rawValue) of \(node)")
    }
    guard hello.knownIncarnation <= opening.incarnation,
      hello.incarnation >= opening.peerIncarnation
    else {
      throw LinkRefusal(
        .restored,
        "\(peer) knows incarnation \(hello.knownIncarnation) of \(node), which is at \(opening.incarnation); its own is \(hello.incarnation), known here is \(opening.peerIncarnation): one of the two was restored from a backup and needs a new incarnation"
      )
    }
    guard hello.knownIncarnation == opening.incarnation else { return }
    for lane in Lane.allCases {
      let mine = opening[lane]
      let theirs = hello[lane]
      guard theirs.wanted <= mine.feed.upperBound, theirs.held < mine.nextIndex else {
        throw LinkRefusal(
          .restored,
          "\(peer) holds lane \(lane.name) of \(node) to position \(theirs.wanted) and index \(theirs.held), but \(node) has only \(mine.feed.upperBound) and \(mine.nextIndex - 1): \(node) was restored from a backup and needs a new incarnation",
          position: theirs.wanted)
      }
    }
  }
}
