package import ReplicationCore
package import SignedFeed

/// The rules as sessions and the sealer call them: what `Replicator` does, and no more.
package protocol LinkEngine: Sendable {
  /// The epoch of the policy that it judges by.
  var policyEpoch: UInt64 { get }

  /// Checks a parcel's signatures; no store is touched. Throws a `LinkRefusal`.
  func open(_ parcel: UnverifiedParcel, keys: LinkKeys) throws(LinkRefusal) -> OpenedParcel
  /// Applies a parcel and moves the received position. Throws a `LinkRefusal` when the peer is at fault.
  func receive(
    _ parcel: OpenedParcel, from peer: NodeID, at moment: Moment, in tx: any StoreTransaction
  ) throws
  /// The feed's entries from a position on as the peer may see them.
  ///
  /// - Parameters:
  ///   - resuming: `OutgoingParcel.resuming` of the parcel before, when it had one.
  ///   - knownSigners: signers whose certificates went over this channel already.
  func project(
    to peer: NodeID, lane: Lane, from position: UInt64, resuming: RecordRef?,
    maximumBytes: Int, maximumEntries: Int, knownSigners: Set<Digest>,
    in tx: any StoreTransaction
  ) throws -> OutgoingParcel
  /// The states after a record as the peer may see them; `done` records were looked at before.
  func catchUp(
    to peer: NodeID, lane: Lane, start: UInt64, after: RecordRef?, done: UInt64,
    maximumBytes: Int, knownSigners: Set<Digest>, in tx: any StoreTransaction
  ) throws -> OutgoingParcel
  /// The peer has processed the feed below `next`: archives what its projection left behind (nil: not known any more, to be found again).
  func acknowledged(
    by peer: NodeID, lane: Lane, next: UInt64, archive: [ArchivedItem]?,
    in tx: any StoreTransaction
  ) throws
  /// Takes the place of the rules by which the store stands: the feed gets its policy entries, and this node gives up what it may hold no
  /// longer. Nothing happens when the store stands by these rules already.
  ///
  /// `peer`: who sent the new policy; nil: it was given to this node.
  func succeed(from peer: NodeID?, at moment: Moment, in tx: any StoreTransaction) throws
  /// Seals committed writes of applications, at most about `limit`; what it took.
  func seal(
    limit: Int, at moment: Moment, in tx: any StoreTransaction
  ) throws -> SealOutcome
  /// Tries parked items again; how many are parked no more.
  func retryParked(limit: Int, at moment: Moment, in tx: any StoreTransaction) throws -> Int
  /// Answers a child that asks whether values that it gave up are safe.
  func answer(
    _ inquiry: HandoverInquiry, of child: NodeID, in tx: any StoreTransaction
  ) throws -> HandoverVerdict
  /// Seals what was archived before the parent's key was heard.
  func sealArchive(in tx: any StoreTransaction) throws
  /// What is to be asked of the parent now, by row of the archive.
  func dueQuestions(
    at now: Int64, in tx: any StoreTransaction
  ) throws -> [(id: UInt64, group: HandoverInquiry.Group)]
  /// Takes values in that the operator handed over; see `Replicator.takeIn`.
  func takeIn(
    _ values: [HandedValues], at moment: Moment, in tx: any StoreTransaction
  ) throws -> HandoverOutcome
  /// Forgets what every link has acknowledged.
  func trim(in tx: any StoreTransaction) throws

  /// The walks that together count what another policy would change at this node, for its parent, for these children and for itself.
  func planWalks(_ candidate: any ViewPolicy, children: [NodeID]) -> [PlanWalk]
  /// Goes on with a walk, over at most `limit` records.
  func plan(
    _ walk: PlanWalk, _ candidate: any ViewPolicy, limit: Int, in tx: any StoreTransaction
  ) throws -> PlanWalk

  /// The epoch of the catalog that it reads records by.
  var catalogEpoch: UInt64 { get }
  /// The ledgers of which the link with a peer has a view.
  func ledgersShared(with peer: NodeID) -> [LedgerID]
  /// What a gate between this node and the peer never holds back; nil: there is none.
  func gate(with peer: NodeID, in ledger: LedgerID) -> FieldSet?
  /// Digests of the records in the link's view, in key order, of about `limit` records looked at.
  func shares(
    with peer: NodeID, in range: KeyRange, limit: Int, tx: any StoreTransaction
  ) throws -> ShareSlice
  /// What this end holds of some records of the link's view, and what of them is under way; appended from `since` on counts as under way.
  func details(
    of refs: [RecordRef], with peer: NodeID, since: LanePositions?, in tx: any StoreTransaction
  ) throws -> DetailSlice
  /// Tells the peer by the feed how records stand here; those it could tell of.
  func answer(
    _ refs: [RecordRef], to peer: NodeID, in tx: any StoreTransaction
  ) throws -> Set<RecordRef>
  /// Takes out what the peer does not hold and nobody here can prove; how many values went.
  func setAside(
    _ theirs: [RecordDetail], from peer: NodeID, at moment: Moment, in tx: any StoreTransaction
  ) throws -> Int
}

/// A verified parcel.
package struct OpenedParcel: Sendable {
  /// Encoded bytes.
  package let bytes: Int
  package let verified: VerifiedParcel

  package init(_ verified: VerifiedParcel, bytes: Int) {
    self.verified = verified
    self.bytes = bytes
  }

  package var lane: Lane { verified.parcel.lane }
  package var span: Parcel.Span { verified.parcel.span }
  package var documents: [SignedDocument] { verified.parcel.documents }
}

/// A parcel to send, and what is to be archived when it is acknowledged.
package struct OutgoingParcel: Sendable {
  package let span: Parcel.Span
  package let encoded: [UInt8]
  /// It says nothing and moves no position.
  package let isEmpty: Bool
  package let archive: [ArchivedItem]
  /// Inside a long policy entry: the record to go on after.
  package let resuming: RecordRef?
  /// Signers whose certificates are in it.
  package let signers: [Digest]
  /// The policy that it was made under.
  package let policyEpoch: UInt64
  /// The policies that the changes which it shows were signed under.
  package let signedUnder: Set<UInt64>
  /// What goes right after it, where one entry or record alone is larger than a parcel.
  package private(set) var rest: [OutgoingParcel] = []
  /// Records of which something was left out for want of a proof.
  package private(set) var unproved: Set<RecordRef> = []

  /// Encoded bytes of the largest of this and what goes right after it.
  package var largestBytes: Int { rest.reduce(encoded.count) { max($0, $1.encoded.count) } }

  /// `resumed`: the record that the projection itself went on after.
  package init(_ projection: Projection, resumed: RecordRef? = nil) {
    let parcels = [projection.parcel] + projection.rest
    var outgoing = parcels.enumerated().map { number, parcel in
      number == parcels.count - 1
        ? OutgoingParcel(parcel, archive: projection.archived, resuming: projection.resume)
        : OutgoingParcel(parcel, resuming: resumed)
    }
    self = outgoing.removeFirst()
    rest = outgoing
    unproved = projection.unproved
  }

  package init(_ parcel: Parcel, archive: [ArchivedItem] = [], resuming: RecordRef? = nil) {
    policyEpoch = parcel.policyEpoch
    signedUnder = Set(parcel.evidence.map(\.header.policyEpoch))
    span = parcel.span
    encoded = parcel.encoded()
    isEmpty = parcel.isEmpty
    self.archive = archive
    self.resuming = resuming
    signers = parcel.signers.map(\.fingerprint)
  }
}
