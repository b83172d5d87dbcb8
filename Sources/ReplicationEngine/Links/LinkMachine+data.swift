package import ReplicationCore

/// What to read from the store for the next parcel.
package enum SendStep: Sendable, Hashable {
  /// The feed of a lane from a position on.
  ///
  /// - `resuming`: inside a long policy entry, the record to go on after.
  case feed(Lane, from: UInt64, resuming: RecordRef? = nil)
  /// States of a lane after a record; `done` records were looked at before.
  case catchUp(Lane, start: UInt64, after: RecordRef?, done: UInt64 = 0)

  package var lane: Lane {
    switch self {
    case .feed(let lane, _, _), .catchUp(let lane, _, _, _): lane
    }
  }
}

extension LinkMachine {
  // MARK: Sending

  /// This node's feed has grown to `head`.
  package mutating func feedGrew(_ lane: Lane, to head: UInt64) {
    self[out: lane].head = max(self[out: lane].head, head)
  }

  /// The next parcel to make, the urgent lane first; nil when there is nothing to send or the peer must acknowledge first.
  package var nextStep: SendStep? {
    guard maySendData, let peerHello else { return nil }
    let limit = min(window, peerHello.window)
    for lane in [Lane.urgent, .bulk] {
      let out = self[out: lane]
      guard out.hasMore, UInt64(out.unacknowledgedBytes) < limit else { continue }
      if isBehindParent, out.mode != .feed { continue }
      switch out.mode {
      case .feed: return .feed(lane, from: out.next, resuming: out.resuming)
      case .catchUp(let start, let after):
        return .catchUp(lane, start: start, after: after, done: out.done)
      }
    }
    return nil
  }

  /// Whether the parent has newer documents, which are on their way: states are projected under the policy of today.
  private var isBehindParent: Bool {
    role == .parent && (policyEpoch < peerPolicyEpoch || catalogEpoch < peerCatalogEpoch)
  }

  /// A parcel is about to go out.
  package mutating func sending(
    _ span: Parcel.Span, lane: Lane, bytes: Int, resuming: RecordRef? = nil
  ) {
    self[out: lane].sent(span, bytes: bytes, resuming: resuming)
  }

  /// An acknowledgement of so many parcels came. False: ignored, the link is closing.
  package mutating func acknowledged(
    _ lane: Lane, parcels: UInt64, next: UInt64
  ) throws(LinkRefusal) -> Bool {
    guard try isOpen("an acknowledgement") else { return false }
    let isKnown = self[out: lane].acknowledge(parcels) { span in
      switch span {
      case .feed(_, next), .catchUp(next, _, _, _, true), .catchUp(next, nil, _, _, false): true
      default: false
      }
    }
    guard isKnown else {
      throw LinkRefusal(
        .unexpected,
        "lane \(lane.name): an acknowledgement of \(parcels) parcels to \(next), which are not in flight",
        position: next)
    }
    return true
  }

  /// The acknowledgement of a part of a catch-up came. False: ignored, the link is closing.
  package mutating func acknowledgedCatchUp(
    _ lane: Lane, parcels: UInt64, last: RecordRef
  ) throws(LinkRefusal) -> Bool {
    guard try isOpen("an acknowledgement") else { return false }
    let isKnown = self[out: lane].acknowledge(parcels) { span in
      if case .catchUp(_, last, _, _, false) = span { true } else { false }
    }
    guard isKnown else {
      throw LinkRefusal(
        .unexpected,
        "lane \(lane.name): an acknowledgement of \(parcels) parcels to \(last), which are not in flight"
      )
    }
    return true
  }

  // MARK: Receiving

  /// A parcel came. False: ignored, the link is closing. Throws why it must not have come.
  package mutating func received(
    _ span: Parcel.Span, lane: Lane, bytes: Int
  ) throws(LinkRefusal) -> Bool {
    guard try isOpen("a parcel") else { return false }
    guard self[in: lane].unacknowledgedBytes < window else {
      throw LinkRefusal(
        .flood, "lane \(lane.name): more than \(window) bytes before an acknowledgement")
    }
    switch span {
    case .feed(let from, let next):
      try self[in: lane].take(from: from, next: next, lane: lane)
    case .catchUp(let start, let last, let done, let total, let isComplete):
      try self[in: lane].take(
        start: start, last: last, done: done, total: total, isComplete: isComplete, lane: lane)
    }
    self[in: lane].unacknowledgedBytes += UInt64(bytes)
    return true
  }

  /// Parcels of these bytes are durably processed and about to be acknowledged.
  package mutating func acknowledging(_ lane: Lane, bytes: Int) {
    self[in: lane].unacknowledgedBytes -= min(
      UInt64(bytes), self[in: lane].unacknowledgedBytes)
  }

  /// A piece of a document came. False: ignored, the link is closing.
  package func received(_ part: DocumentPart) throws(LinkRefusal) -> Bool {
    guard try isOpen("a document") else { return false }
    guard role == .parent else {
      throw LinkRefusal(.unexpected, "a document from a child: documents only come down")
    }
    return true
  }

  /// A heartbeat came. False: ignored, the link is closing.
  package mutating func received(_ heartbeat: Heartbeat) throws(LinkRefusal) -> Bool {
    guard try isOpen("a heartbeat") else { return false }
    peerAdopted(
      policyEpoch: heartbeat.policyEpoch, catalogEpoch: heartbeat.catalogEpoch)
    return true
  }

  /// Whether data may come; throws before the hello.
  func isOpen(_ what: String) throws(LinkRefusal) -> Bool {
    switch phase {
    case .live: return true
    case .closing: return false
    case .dialing, .hello:
      throw LinkRefusal(.unexpected, "\(what) before the hello")
    }
  }
}

extension LinkMachine {
  /// Whether the child has older documents than this node.
  package var owesDocuments: Bool {
    role == .child && phase == .live
      && (peerPolicyEpoch < policyEpoch || peerCatalogEpoch < catalogEpoch)
  }

  /// Whether a parcel may come now; false: ignored, the link is closing.
  package func mayReceiveData() throws(LinkRefusal) -> Bool { try isOpen("a parcel") }

  /// The feed holds nothing at the position that its head promised.
  package mutating func foundEmpty(_ lane: Lane, at position: UInt64) {
    self[out: lane].head = min(self[out: lane].head, max(position, self[out: lane].next))
  }
}
