package import ReplicationCore
package import SignedFeed

/// The rules proper as links and the sealer call them: `Replicator` with a source of randomness.
package struct ReplicatorEngine: LinkEngine {
  package let replicator: Replicator
  /// Feed entries that are kept for an absent peer, a lane; past it the peer catches up by state.
  package let keptEntries: UInt64
  /// Feed entries that one `trim` forgets, a lane.
  package let trimEntries: Int
  /// Salts must not be guessed: the system's randomness but for tests.
  private let random: @Sendable () -> any RandomNumberGenerator

  /// Wraps a replicator under the current policy.
  package init(
    _ replicator: Replicator, keptEntries: UInt64 = 5_000_000, trimEntries: Int = 20_000,
    random: @escaping @Sendable () -> any RandomNumberGenerator = {
      SystemRandomNumberGenerator()
    }
  ) {
    self.replicator = replicator
    self.keptEntries = keptEntries
    self.trimEntries = trimEntries
    self.random = random
  }

  package var policyEpoch: UInt64 { replicator.policy.epoch }

  package func open(
    _ parcel: UnverifiedParcel, keys: LinkKeys
  ) throws(LinkRefusal) -> OpenedParcel {
    do throws(ParcelError) {
      let verified = try parcel.verified(by: keys, authority: keys.authority)
      keys.opened(verified.parcel.signers)
      return OpenedParcel(verified, bytes: Int(parcel.weight.bytes))
    } catch {
      throw LinkRefusal(error)
    }
  }

  package func receive(
    _ parcel: OpenedParcel, from peer: NodeID, at moment: Moment, in tx: any StoreTransaction
  ) throws {
    try peersFault {
      var random = random()
      _ = try replicator.receive(
        parcel.verified, from: peer, tx, at: moment, using: &random)
    }
  }

  package func project(
    to peer: NodeID, lane: Lane, from position: UInt64, resuming: RecordRef?,
    maximumBytes: Int, maximumEntries: Int, knownSigners: Set<Digest>,
    in tx: any StoreTransaction
  ) throws -> OutgoingParcel {
    let projection = try replicator.project(
      to: peer, lane: lane, from: position, maximumBytes: maximumBytes,
      maximumEntries: maximumEntries, resuming: resuming, knownSigners: knownSigners,
      lookahead: BatchTargets.changes, tx)
    return OutgoingParcel(projection, resumed: resuming)
  }

  package func catchUp(
    to peer: NodeID, lane: Lane, start: UInt64, after: RecordRef?, done: UInt64,
    maximumBytes: Int, knownSigners: Set<Digest>, in tx: any StoreTransaction
  ) throws -> OutgoingParcel {
    try peersFault {
      OutgoingParcel(
        try replicator.catchUp(
          to: peer, lane: lane, after: after, start: start, done: done,
          maximumBytes: maximumBytes, knownSigners: knownSigners, tx))
    }
  }

  package func acknowledged(
    by peer: NodeID, lane: Lane, next: UInt64, archive: [ArchivedItem]?,
    in tx: any StoreTransaction
  ) throws {
    try peersFault {
      try replicator.acknowledged(archive, by: peer, lane, position: next, tx)
    }
  }

  package func succeed(
    from peer: NodeID?, at moment: Moment, in tx: any StoreTransaction
  ) throws {
    let epoch = try tx.adoptedPolicy()
    guard epoch < policyEpoch else { return }
    guard epoch > 0 else { return try tx.setAdoptedPolicy(policyEpoch) }
    guard let old = replicator.policies.policy(epoch) else {
      throw ParcelError(
        .unknownPolicy,
        "the store stands by policy epoch \(epoch), whose document is not here or cannot be read")
    }
    var former = replicator
    former.policy = old
    var random = random()
    try former.adopt(
      policyEpoch, from: peer.map(Side.link) ?? .own, tx, at: moment, using: &random)
  }

  package func seal(
    limit: Int, at moment: Moment, in tx: any StoreTransaction
  ) throws -> SealOutcome {
    var random = random()
    return try replicator.seal(tx, limit: limit, at: moment, using: &random)
  }

  package func retryParked(
    limit: Int, at moment: Moment, in tx: any StoreTransaction
  ) throws -> Int {
    var random = random()
    return try replicator.retryParked(tx, limit: limit, at: moment, using: &random)
      .applied
  }

  package func answer(
    _ inquiry: HandoverInquiry, of child: NodeID, in tx: any StoreTransaction
  ) throws -> HandoverVerdict {
    try replicator.answer(inquiry, of: child, tx)
  }

  package func sealArchive(in tx: any StoreTransaction) throws {
    while try replicator.sealArchive(limit: 500, tx) > 0 {}
  }

  package func dueQuestions(
    at now: Int64, in tx: any StoreTransaction
  ) throws -> [(id: UInt64, group: HandoverInquiry.Group)] {
    try replicator.dueQuestions(at: now, tx)
  }

  package func takeIn(
    _ values: [HandedValues], at moment: Moment, in tx: any StoreTransaction
  ) throws -> HandoverOutcome {
    var random = random()
    return try replicator.takeIn(values, tx, at: moment, using: &random)
  }

  package func trim(in tx: any StoreTransaction) throws {
    _ = try replicator.trim(tx, maximumKept: keptEntries, limit: trimEntries)
  }

  package func planWalks(_ candidate: any ViewPolicy, children: [NodeID]) -> [PlanWalk] {
    replicator.planWalks(candidate, children: children)
  }

  package func plan(
    _ walk: PlanWalk, _ candidate: any ViewPolicy, limit: Int, in tx: any StoreTransaction
  ) throws -> PlanWalk {
    var walk = walk
    try replicator.plan(&walk, candidate, limit: limit, tx)
    return walk
  }

  package var catalogEpoch: UInt64 { replicator.catalogEpoch }

  package func ledgersShared(with peer: NodeID) -> [LedgerID] {
    replicator.ledgersShared(with: peer)
  }

  package func gate(with peer: NodeID, in ledger: LedgerID) -> FieldSet? {
    replicator.gate(with: peer, in: ledger)
  }

  package func shares(
    with peer: NodeID, in range: KeyRange, limit: Int, tx: any StoreTransaction
  ) throws -> ShareSlice {
    try replicator.shares(
      with: peer, of: range.ledger, after: range.after, through: range.through, limit: limit, tx)
  }

  package func details(
    of refs: [RecordRef], with peer: NodeID, since: LanePositions?, in tx: any StoreTransaction
  ) throws -> DetailSlice {
    try replicator.details(of: refs, with: peer, since: since, tx)
  }

  package func answer(
    _ refs: [RecordRef], to peer: NodeID, in tx: any StoreTransaction
  ) throws -> Set<RecordRef> {
    try replicator.answer(refs, to: peer, tx)
  }

  package func setAside(
    _ theirs: [RecordDetail], from peer: NodeID, at moment: Moment, in tx: any StoreTransaction
  ) throws -> Int {
    var random = random()
    return try replicator.setAside(theirs, from: peer, tx, at: moment, using: &random)
  }

  private func peersFault<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as ParcelError { throw LinkRefusal(error) }
  }
}
