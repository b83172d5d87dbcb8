package import ReplicationCore
package import SignedFeed

/// Where a node keeps its records, feed, proofs and positions. Two implementations: PostgreSQL and memory; one conformance suite.
package protocol ChangeStore: Sendable {
  /// Runs `body` in one read-write transaction: when it returns, all its effects are durable; when it throws, there are none.
  ///
  /// One writer at a time. Throws what `body` throws, and `StoreError` when the store cannot be reached or gave up.
  func write<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T

  /// Runs `body` in one read-only transaction that sees a single snapshot. Writing in it is a programmer's error.
  func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T
}

/// What can be done in a transaction. Calls block; the transaction must not escape its body.
///
/// Lock order: records, then the lane heads (`chain`, `nextPosition`), then everything else.
package protocol StoreTransaction: AnyObject {
  // MARK: What can be held

  /// Why this store can hold no record of this name; nil when it can. Asks no database.
  func obstacle(to ref: RecordRef) -> StoreObstacle?
  /// The first of some writes whose value this store cannot hold, and why; nil when it can hold all: `save` and `load` then bring them back unchanged. Asks no database.
  func obstacle(to writes: [FieldWrite], of ledger: LedgerID) -> (FieldID, StoreObstacle)?

  // MARK: Records

  /// Reads records. With `lock`, takes them for writing without waiting: what another transaction holds comes back in `busy`, not in `records`.
  /// A ref in neither is a record never heard of.
  func load(_ refs: [RecordRef], lock: Bool) throws -> LoadedRecords
  /// The same for a look at where values come from: of the values only those of routing fields, the others may be null.
  func outlines(_ refs: [RecordRef]) throws -> [RecordRef: Record]
  /// Writes records that this transaction loaded with `lock`. The store shows each in its ledger's table by the rules (deleted and departed ones are not shown).
  /// `creations` are further records, each of its own; loaded with `lock` likewise, and not found.
  /// Returns the refs that could not be written because an application is inserting the same key: they are to be parked.
  func save(_ records: [RecordRef: Record], creations: [Creation]) throws -> Set<RecordRef>
  /// Records of a ledger in ascending order of keys (of bytes; of numbers where the keys are numbers), after `key` (nil: from the first).
  func scan(_ ledger: LedgerID, after key: String?, limit: Int) throws -> [(RecordRef, Record)]
  /// Keys of a ledger in ascending order after `key` (nil: from the first), at most `limit`: of all held records one of whose homes is among
  /// these codes, and perhaps of some others. What is not sealed yet does not hide how a record was sealed.
  /// `routing` are the ledger's home columns.
  func keys(
    of ledger: LedgerID, routing: [FieldID], near homes: [ClosedRange<DivisionCode>],
    after key: String?, limit: Int
  ) throws -> [String]
  /// Records of a ledger by their dots alone, in the order of `scan`, after `after` (nil: from the first) up to and with `through` (nil: to the last);
  /// about `limit` of them. As last sealed: a write that is not sealed yet changes nothing. `routing` are the ledger's home columns.
  /// `near` allows to leave out records none of whose homes is among these codes; nil: none may be left out.
  func outlines(
    _ ledger: LedgerID, routing: [FieldID], near: [ClosedRange<DivisionCode>]?, after: String?,
    through: String?, limit: Int
  ) throws -> OutlineSlice
  /// How many records of a ledger are held; may be an estimate.
  func count(_ ledger: LedgerID) throws -> UInt64
  /// How many records of a ledger are held up to and with a key, in the order of `scan`.
  func count(_ ledger: LedgerID, through key: String) throws -> UInt64

  // MARK: Local writes

  /// Committed writes of applications that are not sealed yet, folded per record, whole transactions first come first, locking their rows.
  /// With `refs` only those of these records (which must be locked already), else at most `limit`. They are taken when the transaction commits.
  func takeCaptured(of refs: [RecordRef]?, limit: Int) throws -> [CapturedWrite]
  /// Whether `takeCaptured` without `refs` got on and may have left more: it ended at its limit or behind what is urgent. What other
  /// transactions hold does not count. False before it was called.
  var mayLeaveCaptured: Bool { get }

  // MARK: Feed

  /// The position that the next appended entry of a lane gets; positions begin at 1. Takes the lane's head lock.
  func nextPosition(_ lane: Lane) throws -> UInt64
  /// Appends entries; returns the position of the first.
  func append(_ entries: [Entry], to lane: Lane) throws -> UInt64
  /// Entries from a position on, at most `limit`, ascending.
  func entries(_ lane: Lane, from position: UInt64, limit: Int) throws -> [(UInt64, Entry)]
  /// A position at or after which no kept entry of a lane `unsettlesEarlier`, the lowest that is known; 1 when none ever did.
  func settledFrom(_ lane: Lane) throws -> UInt64
  /// The first position still kept and the next to be given out.
  func feedBounds(_ lane: Lane) throws -> Range<UInt64>
  /// Entries of these records at or after a position, ascending.
  func entries(
    of refs: Set<RecordRef>, in lane: Lane, from position: UInt64
  ) throws -> [(UInt64, Entry)]
  /// The policy entries of a lane at or after a position, ascending.
  func policyEntries(_ lane: Lane, from position: UInt64) throws -> [(UInt64, Entry)]
  /// Forgets entries below a position.
  func trim(_ lane: Lane, below position: UInt64) throws

  // MARK: Proofs

  /// Keeps batches; where one is kept already, the union of what both show. All are verified.
  func keep(_ batches: [SignedBatch]) throws
  /// The kept batches that contain these dots.
  func batches(containing dots: Set<Dot>) throws -> [SignedBatch]
  /// Forgets values (salt and value) and keeps their digests. Forgets batches in which nothing is shown any more, except the newest of each replica.
  func redact(_ values: [Dot: FieldSet]) throws
  /// Forgets values (salt and value) as their authors wrote them where a masked value stands beside them, which stays.
  func close(_ values: [Dot: FieldSet]) throws
  /// The greatest index at or below which this node has seen verified headers of a replica; 0 when none.
  func headerEvidence(_ replica: Replica) throws -> UInt64
  /// The highest incarnation of a node of which this node has seen verified headers; 0 when none.
  func highestIncarnation(of node: NodeID) throws -> UInt32

  // MARK: Own chain

  /// This node's own chain on a lane. Takes the lane's head lock.
  func chain(_ lane: Lane) throws -> ChainHead
  func setChain(_ head: ChainHead, _ lane: Lane) throws

  // MARK: Links

  /// The durable state of the link with a peer; a fresh one when there was none.
  func link(_ peer: NodeID) throws -> LinkState
  func setLink(_ state: LinkState, _ peer: NodeID) throws
  /// All peers that have a state.
  func peers() throws -> [NodeID]

  // MARK: What came home

  /// Notes what came home, for applications.
  func noteArrivals(_ arrivals: [Arrival]) throws
  /// Fields left by a withdrawal: forgets which arrivals named them, and the proofs of what was refused of these records.
  func forget(_ fields: [RecordRef: FieldSet]) throws
  /// Forgets arrivals before `time` (microseconds since 1970 UTC) and all but about the newest `rows`; a bounded piece of work at a time.
  func trimArrivals(keeping rows: Int, since time: Int64) throws

  // MARK: Hand-over

  /// Puts rows into the hand-over archive; the store gives out their ids and the time.
  func archive(_ items: [HandoverItem]) throws
  /// Rows of the archive, ascending by id.
  func archived(_ query: HandoverQuery) throws -> [HandoverItem]
  /// The parent was asked about these rows; it is to be asked again at `again` (microseconds since 1970 UTC) at the earliest.
  func noteAsked(_ ids: [UInt64], again: Int64) throws
  /// The operator has taken these rows out.
  func noteExported(_ ids: [UInt64]) throws
  /// The values arrived where they belong: they go, the rows remain as receipts.
  func settleArchived(_ ids: [UInt64]) throws
  /// Forgets receipts of rows that were archived before `time` (microseconds since 1970 UTC); a bounded piece of work at a time.
  func trimReceipts(before time: Int64) throws
  /// Removes rows without a trace: for rows that are written anew.
  func forgetArchived(_ ids: [UInt64]) throws
  /// How full the archive is.
  func handoverFigures() throws -> HandoverFigures
  /// The hand-over key that a node told last; nil when it told none.
  func handoverKey(of node: NodeID) throws -> HandoverKey?
  /// Keeps a node's key in the place of an older one.
  func keepHandoverKey(_ key: HandoverKey) throws

  // MARK: The rest

  /// Parks an item for a busy record: it and all that follows for the record wait, durably and in order.
  func park(_ item: ParkedItem) throws
  /// Parked items, oldest first. `refs` nil: all items of `limit` records; those that wait for their table may come in any turn, and
  /// after the others.
  func parked(of refs: Set<RecordRef>?, limit: Int) throws -> [ParkedItem]
  func unpark(_ ids: [UInt64]) throws
  /// Records what was refused, with its proof. Of each peer the newest `QuarantineLimits.items` are kept.
  func quarantine(_ item: QuarantinedItem) throws
  /// Signed documents (policy, catalog), newest epoch of each kind.
  func documents() throws -> [SignedDocument]
  /// Every kept document of a kind, ascending by epoch.
  func documents(_ kind: SignedDocument.Kind) throws -> [SignedDocument]
  /// Keeps a document beside those of other epochs; of one epoch the first stays.
  func keepDocument(_ document: SignedDocument) throws
  /// The epoch of the policy by which this store's records stand and its feed goes on; 0 before the first.
  func adoptedPolicy() throws -> UInt64
  func setAdoptedPolicy(_ epoch: UInt64) throws
  /// Raises an alarm; one that stands already with the same code, peer and detail gets the new time.
  func raise(_ alarm: Alarm) throws
  /// The alarms that stand, newest first.
  func alarms() throws -> [Alarm]
  /// Forgets alarms raised before a time (microseconds since 1970 UTC).
  func trimAlarms(before time: Int64) throws
  /// Signers' certificates by key fingerprint.
  func signers() throws -> [SignerRecord]
  func keepSigner(_ signer: SignerRecord) throws
}

extension StoreTransaction {
  package func save(_ records: [RecordRef: Record]) throws -> Set<RecordRef> {
    try save(records, creations: [])
  }

  package func outlines(_ refs: [RecordRef]) throws -> [RecordRef: Record] {
    try load(refs, lock: false).records
  }
}
