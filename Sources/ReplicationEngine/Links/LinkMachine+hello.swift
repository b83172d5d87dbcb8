package import ReplicationCore

extension LinkMachine {
  /// The protocol versions that this build speaks.
  package static let versions: ClosedRange<UInt8> = 1...3
  /// The first version in which two ends compare by digest.
  package static let digestVersion: UInt8 = 2
  /// The first version in which what a planned policy would change is asked.
  package static let planVersion: UInt8 = 3

  /// What a hello means.
  package enum HelloJudgement: Sendable, Hashable {
    /// The link may be.
    case good(HelloEffect)
    /// This end is closing.
    case ignored
    /// This node was restored from a backup: it must begin a new incarnation first.
    case ownPast(OwnPast)
    /// The peer was restored from a backup, as it sees by this end's hello: it will be back with a new incarnation. What happened, for operators.
    case peersPast(String)
  }

  /// What a good hello asks to be made durable before any data.
  package struct HelloEffect: Sendable, Hashable {
    /// The peer's incarnation to keep.
    package var peerIncarnation: UInt32
    /// One end began anew since they last met: the positions of both lanes count no more, and both catch up by state.
    package var needsState: Bool
    /// Positions that the peer has processed although its acknowledgement did not come.
    package var acknowledged: [Lane: UInt64]
    /// When `needsState`: what the peer had not acknowledged begins here, and follows the catch-up.
    package var starts: [Lane: UInt64]
  }

  /// This end's hello; enters `hello`. Called once, first.
  package mutating func open(clock: Int64) -> Hello {
    precondition(phase == .dialing, "the hello is the first frame")
    enter(.hello)
    func position(_ lane: Lane) -> LanePosition {
      let state = opening[lane].state
      return LanePosition(
        wanted: state.received, held: opening[lane].held,
        catchUp: state.catchUpPosition.map { CatchUpCursor(start: $0, last: state.catchUpLast) })
    }
    return Hello(
      versions: Self.versions, node: node, incarnation: opening.incarnation,
      knownIncarnation: opening.peerIncarnation, freeIncarnation: opening.freeIncarnation,
      window: window, bulk: position(.bulk), urgent: position(.urgent), policyEpoch: policyEpoch,
      catalogEpoch: catalogEpoch,
      clock: clock)
  }

  /// Judges the peer's hello and, when it is good, enters `live`. Throws why the link cannot be.
  package mutating func received(_ hello: Hello) throws(LinkRefusal) -> HelloJudgement {
    switch phase {
    case .closing: return .ignored
    case .dialing, .live:
      throw LinkRefusal(.unexpected, "a second hello, or one before mine")
    case .hello: break
    }
    try check(hello)
    if let past = ownPast(hello) { return .ownPast(past) }
    if let past = peersPast(hello) { return .peersPast(past) }
    let needsState =
      (hello.knownIncarnation != 0 && hello.knownIncarnation != opening.incarnation)
      || (opening.peerIncarnation != 0 && opening.peerIncarnation != hello.incarnation)
    var effect = HelloEffect(
      peerIncarnation: hello.incarnation, needsState: needsState, acknowledged: [:],
      starts: [:])
    for lane in Lane.allCases {
      if needsState { effect.starts[lane] = opening[lane].unacknowledged }
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
    return .good(effect)
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
        // No state tells of a record that has departed: what is owed about it stands in the feed.
        self[out: lane].mode = .catchUp(start: opening[lane].unacknowledged, after: nil)
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
  }

  /// What the peer knows of this node that this node does not: an incarnation, a position of its feed, an index of its chain.
  private func ownPast(_ hello: Hello) -> OwnPast? {
    func past(_ what: String) -> OwnPast {
      OwnPast(
        freeIncarnation: hello.freeIncarnation,
        detail: "\(peer) \(what): \(node) was restored from a backup")
    }
    let newest = hello.freeIncarnation - 1
    if newest > opening.incarnation {
      return past("knows incarnation \(newest) of \(node), which is at \(opening.incarnation)")
    }
    for lane in Lane.allCases {
      let mine = opening[lane]
      let theirs = hello[lane]
      if hello.knownIncarnation == opening.incarnation, theirs.wanted > mine.feed.upperBound {
        return past(
          "has lane \(lane.name) of \(node) up to position \(theirs.wanted - 1), and there are only \(mine.feed.upperBound - 1)"
        )
      }
      if newest == opening.incarnation, theirs.held >= mine.nextIndex {
        return past(
          "holds index \(theirs.held) of lane \(lane.name) of \(node), which has only \(mine.nextIndex - 1)"
        )
      }
    }
    return nil
  }

  /// Whether the peer is behind its own past, as far as this node knows it: an older incarnation than was heard of.
  private func peersPast(_ hello: Hello) -> String? {
    guard hello.incarnation < opening.freeIncarnation - 1 else { return nil }
    return
      "\(peer) is at incarnation \(hello.incarnation), known here is \(opening.freeIncarnation - 1): it was restored from a backup and begins a new one"
  }
}

extension LinkOpening.LaneOpening {
  /// The first entry of this node's feed that is kept and that the peer has not acknowledged.
  fileprivate var unacknowledged: UInt64 {
    min(max(state.acknowledged, feed.lowerBound), feed.upperBound)
  }
}
