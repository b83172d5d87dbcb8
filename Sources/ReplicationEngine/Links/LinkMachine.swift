package import ReplicationCore

/// One end of a link as a value: events in, decisions out. It does no input or output, reads no clock and cannot wait.
///
/// Every frame is decided in every phase; `docs/PROTOCOL.md` has the table. What a peer must not do comes back as a `LinkRefusal`.
package struct LinkMachine: Sendable {
  /// Where the link stands.
  package enum Phase: Sendable, Hashable {
    /// The channel is open and this end's hello has not gone out.
    case dialing
    /// This end's hello is out, the peer's has not come.
    case hello
    /// Both hellos were good: data flows once both ends have a policy.
    case live
    /// This end or the peer has said that it ends; what still comes is ignored.
    case closing
  }

  package private(set) var phase = Phase.dialing
  /// This node.
  package let node: NodeID
  /// The node that the channel's certificate names.
  package let peer: NodeID
  package let role: LinkRole
  package let opening: LinkOpening
  /// How many bytes a lane this end takes unacknowledged, and at most leaves unacknowledged itself.
  package let window: UInt64

  /// The peer's hello, once it was good.
  package internal(set) var peerHello: Hello?
  /// This end's epochs; 0: none yet.
  package internal(set) var policyEpoch: UInt64
  package internal(set) var catalogEpoch: UInt64
  /// The peer's epochs as far as this end knows.
  package internal(set) var peerPolicyEpoch: UInt64 = 0
  package internal(set) var peerCatalogEpoch: UInt64 = 0

  /// The question of this end that the peer has not answered.
  package internal(set) var asked: UInt64?
  var lastAsked: UInt64 = 0
  /// The question of the peer that this end has not answered.
  package internal(set) var isAnswering = false

  var bulkOut: OutgoingLane
  var urgentOut: OutgoingLane
  var bulkIn: IncomingLane
  var urgentIn: IncomingLane

  /// Begins in `dialing`.
  package init(
    node: NodeID, peer: NodeID, role: LinkRole, opening: LinkOpening, window: UInt64
  ) {
    self.node = node
    self.peer = peer
    self.role = role
    self.opening = opening
    self.window = window
    policyEpoch = opening.policyEpoch
    catalogEpoch = opening.catalogEpoch
    bulkOut = OutgoingLane(opening.bulk)
    urgentOut = OutgoingLane(opening.urgent)
    bulkIn = IncomingLane(opening.bulk.state)
    urgentIn = IncomingLane(opening.urgent.state)
  }

  /// What is on the way out on a lane.
  package internal(set) subscript(out lane: Lane) -> OutgoingLane {
    get { lane == .bulk ? bulkOut : urgentOut }
    set { if lane == .bulk { bulkOut = newValue } else { urgentOut = newValue } }
  }

  /// What comes in on a lane.
  package internal(set) subscript(in lane: Lane) -> IncomingLane {
    get { lane == .bulk ? bulkIn : urgentIn }
    set { if lane == .bulk { bulkIn = newValue } else { urgentIn = newValue } }
  }

  /// Whether data may go to the peer: both ends have a policy.
  package var maySendData: Bool { phase == .live && policyEpoch > 0 && peerPolicyEpoch > 0 }

  /// Whether a catch-up by state runs in either direction.
  package var isCatchingUp: Bool {
    Lane.allCases.contains { self[out: $0].isCatchingUp || self[in: $0].isCatchingUp }
  }

  /// This end adopted documents, or the parent's documents were sent to the child.
  package mutating func adopted(policyEpoch: UInt64, catalogEpoch: UInt64) {
    self.policyEpoch = max(self.policyEpoch, policyEpoch)
    self.catalogEpoch = max(self.catalogEpoch, catalogEpoch)
  }

  /// The peer has, or is about to have, these epochs: it said so, or this end has just sent it the documents.
  package mutating func peerAdopted(policyEpoch: UInt64, catalogEpoch: UInt64) {
    peerPolicyEpoch = max(peerPolicyEpoch, policyEpoch)
    peerCatalogEpoch = max(peerCatalogEpoch, catalogEpoch)
  }

  /// Nothing more is to be sent but the last words; what comes is ignored.
  package mutating func close() { phase = .closing }

  mutating func enter(_ phase: Phase) { self.phase = phase }
}
