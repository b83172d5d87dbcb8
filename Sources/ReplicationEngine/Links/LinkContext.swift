package import ReplicationCore

/// The next position of each lane's feed.
package struct FeedHeads: Sendable, Hashable {
  package var bulk: UInt64
  package var urgent: UInt64
  package init(bulk: UInt64 = 1, urgent: UInt64 = 1) {
    self.bulk = bulk
    self.urgent = urgent
  }

  /// Reads them.
  package init(in tx: any StoreTransaction) throws {
    bulk = try tx.feedBounds(.bulk).upperBound
    urgent = try tx.feedBounds(.urgent).upperBound
  }
}

/// What a session needs of its node.
package struct LinkContext: Sendable {
  package let node: NodeID
  package let store: any ChangeStore
  package let settings: LinkSettings
  package let clock: any Clock<Duration>
  /// Microseconds since 1970 UTC.
  package let now: @Sendable () -> Int64
  package let events: any LinkEvents

  package init(
    node: NodeID, store: any ChangeStore, settings: LinkSettings, clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Int64, events: any LinkEvents
  ) {
    self.node = node
    self.store = store
    self.settings = settings
    self.clock = clock
    self.now = now
    self.events = events
  }
}

/// What a session asks of, and tells, its node. Calls do not block.
package protocol LinkEvents: Sendable {
  /// The rules under the current policy; nil before the first policy.
  var engine: (any LinkEngine)? { get }
  /// The keys of all signers that this node has met.
  var signers: SignerCache { get }
  /// The feed as far as it has grown.
  var heads: FeedHeads { get }
  /// Now, by this machine's clock and the parent's.
  var moment: Moment { get }
  /// Committed writes that are not sealed, as last seen; a hint.
  var unsealed: UInt64 { get }
  /// A hello was good. `clock`: the peer's.
  func greeted(_ peer: NodeID, role: LinkRole, clock: Int64)
  /// A peer's hello shows that this node was restored from a backup: begins a new incarnation and ends all other links, or lets who already does finish.
  /// False: this peer's word is not taken for it (again).
  func restored(_ past: OwnPast, by session: LinkSession) async throws -> Bool
  /// Returns when what this mark covers may leave: the high-water file holds its indexes.
  func secure(_ mark: HighWater) async throws
  /// The peer told its clock again.
  func heard(_ peer: NodeID, role: LinkRole, clock: Int64)
  /// A transaction of the session has grown the feed.
  func feedGrew(_ heads: FeedHeads)
  /// A peer has acknowledged entries while the feed names values that a withdrawal took: they may be erasable now.
  func mayErase()
  /// This node's own key for hand-overs, as peers are told it; nil: it has none.
  var handoverKey: HandoverKey? { get }
  /// A peer told its key for hand-overs. Throws a `LinkRefusal` when the peer did not sign it.
  func learned(_ key: HandoverKey, from peer: NodeID) async throws
  /// A child asks about values that it gave up.
  func asked(_ inquiry: HandoverInquiry, by peer: NodeID) async throws -> HandoverAnswer
  /// The parent answered. Throws a `LinkRefusal` when nothing was asked so.
  func answered(_ answer: HandoverAnswer, by peer: NodeID) async throws
  /// Takes a parcel of a child off what the child may send in a minute. Throws `flood` when that is used up.
  func admit(_ weight: ParcelWeight, from peer: NodeID) throws(LinkRefusal)
  /// Whether a refusal is to be recorded: false when the same one of the same peer was recorded before in this process.
  func shouldRecord(_ refusal: LinkRefusal, from peer: NodeID) -> Bool
  /// Values of records were not sent to a peer, because no kept batch proves them; told once a record and link.
  func leftOut(_ refs: Set<RecordRef>, for peer: NodeID)
  /// The peer has compared the link, and told how it came out.
  func concluded(_ comparison: LinkComparison, by peer: NodeID)
  /// A piece of a policy that is planned came from the parent. Throws a `LinkRefusal` when it does not follow the piece before.
  func asked(_ part: PlanQuestionPart, by peer: NodeID) throws(LinkRefusal)
  /// A child tells of a plan, its own or what came from below it. Throws `flood` when it tells too much.
  func told(_ report: PlanReport, by peer: NodeID) throws(LinkRefusal)
  /// Documents came from the parent: checks, keeps and adopts them; returns when parcels may be judged by them. What is older than what is in
  /// force, or says something else, is refused alone and raises an alarm. `areFormer`: policies of former epochs, only to judge by.
  /// Throws a `LinkRefusal` for what the region did not sign, and anything else for this node's own trouble.
  func adopt(
    _ documents: [SignedDocument], from peer: NodeID, areFormer: Bool
  ) async throws
}
