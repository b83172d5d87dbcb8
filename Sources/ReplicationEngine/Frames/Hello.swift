package import ReplicationCore

/// The first frame of each end.
package struct Hello: Sendable, Hashable {
  /// The protocol versions that this end speaks.
  package var versions: ClosedRange<UInt8>
  package var node: NodeID
  package var incarnation: UInt32
  /// The peer's incarnation that this end's positions are about; 0: never met.
  package var knownIncarnation: UInt32
  /// The lowest incarnation of the peer that this end never heard of, from hellos or signed batches: the one that a restored peer may begin.
  package var freeIncarnation: UInt32
  /// How many bytes of parcels of one lane this end takes in before it has acknowledged them.
  package var window: UInt64
  package var bulk: LanePosition
  package var urgent: LanePosition
  /// 0: none yet.
  package var policyEpoch: UInt64
  package var catalogEpoch: UInt64
  /// Microseconds since 1970 UTC by this end's clock.
  package var clock: Int64

  package init(
    versions: ClosedRange<UInt8>, node: NodeID, incarnation: UInt32, knownIncarnation: UInt32,
    freeIncarnation: UInt32, window: UInt64, bulk: LanePosition, urgent: LanePosition,
    policyEpoch: UInt64,
    catalogEpoch: UInt64, clock: Int64
  ) {
    self.versions = versions
    self.node = node
    self.incarnation = incarnation
    self.knownIncarnation = knownIncarnation
    self.freeIncarnation = freeIncarnation
    self.window = window
    self.bulk = bulk
    self.urgent = urgent
    self.policyEpoch = policyEpoch
    self.catalogEpoch = catalogEpoch
    self.clock = clock
  }

  /// The position of a lane.
  package subscript(lane: Lane) -> LanePosition { lane == .bulk ? bulk : urgent }
}

/// Where one end stands in the other's feed, one lane.
package struct LanePosition: Sendable, Hashable {
  /// The next position of the peer's feed that is wanted; begins at 1.
  package var wanted: UInt64
  /// The highest index that is held of the peer's own chain, in the highest incarnation that this end ever heard of; 0: none.
  package var held: UInt64
  /// A catch-up by state that is owed to this end.
  package var catchUp: CatchUpCursor?

  package init(wanted: UInt64, held: UInt64, catchUp: CatchUpCursor? = nil) {
    self.wanted = wanted
    self.held = held
    self.catchUp = catchUp
  }
}

/// Where an unfinished catch-up by state goes on.
package struct CatchUpCursor: Sendable, Hashable {
  /// The feed position that the catch-up began at; 0: it is to begin anew.
  package var start: UInt64
  /// The last record that was processed; nil: none.
  package var last: RecordRef?

  package init(start: UInt64, last: RecordRef?) {
    self.start = start
    self.last = last
  }
}
