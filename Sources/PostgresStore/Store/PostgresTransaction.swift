internal import ReplicationCore
internal import ReplicationEngine
internal import SignedFeed

/// A transaction over one connection. Confined to the connection's thread.
///
/// Locks are taken in one order everywhere: ledger rows, then lane heads, then everything else.
package final class PostgresTransaction: StoreTransaction {
  let session: Session
  let connection: Connection
  let ledgers: LedgerDirectory
  let cache: BatchCache
  let isWriter: Bool
  /// The cache's time before the snapshot was taken.
  let readStart: UInt64
  /// Records that an application is just inserting, or whose rows their table did not take: busy, although no row can be seen.
  let contested: Contention
  /// Microseconds added to the times of captured writes.
  let clockOffset: Int64

  /// Records read so far.
  var loaded: [RecordRef: LoadedRow] = [:]
  /// Records that another transaction holds.
  var busy: Set<RecordRef> = []
  /// Staging tables made here, which last if the transaction commits.
  var staged: Set<String> = []
  /// Staging tables that hold rows of an earlier save.
  var usedStages: Set<String> = []
  /// Low-water marks to keep when the transaction commits.
  var settledBelow: [LedgerID: Int64] = [:]
  /// Batches written or redacted here, for the cache when the transaction commits; nil: to be dropped.
  var touchedBatches: [BatchKey: SignedBatch?] = [:]
  /// Lane heads read here (and locked).
  var heads: [Lane: LaneHead] = [:]
  /// Peers of whom something was put into quarantine here.
  var quarantinedPeers: Set<NodeID> = []
  /// Conflicts of saved records, where they are not what they were.
  var conflicts: [RecordRef: [Conflict]] = [:]
  /// Statements under way that have to find their rows.
  var expected: [Expected] = []
  /// Records whose stored state cannot be read, and what is wrong with it.
  var damaged: [RecordRef: StoreError] = [:]
  /// Parked items were taken out here.
  var hasUnparked = false
  /// How many rows of outboxes go with this transaction.
  var dropped = 0
  package var mayLeaveCaptured = false
  /// Ledgers in which rows changed.
  var changedLedgers: Set<LedgerID> = []

  init(
    session: Session, ledgers: LedgerDirectory, cache: BatchCache,
    isWriter: Bool, held: Contention, clockOffset: Int64
  ) {
    self.session = session
    self.connection = session.connection
    self.ledgers = ledgers
    self.cache = cache
    self.isWriter = isWriter
    self.readStart = cache.now
    contested = held
    self.clockOffset = clockOffset
  }

  /// Writes what was held back to the end: conflicts, lane heads, notifications to applications.
  func finish() throws {
    try noteDamaged()
    try noteRefusedRows()
    try boundQuarantine()
    try writeConflicts()
    for (lane, head) in heads where head.isChanged { try writeHead(head, lane) }
    try checkExpected()
    guard !changedLedgers.isEmpty else { return }
    var names: [String] = []
    for ledger in changedLedgers.sorted() {
      names.append(try ledgers.table(ledger).name)
      // A notification holds less than 8,000 bytes, a ledger's name at most 48.
      if names.count == 128 { try notify(&names) }
    }
    if !names.isEmpty { try notify(&names) }
  }

  private func notify(_ names: inout [String]) throws {
    _ = try connection.query(
      "SELECT pg_notify('huijia_applied', $1)", [.text(names.joined(separator: ","))])
    names = []
  }

  /// Makes lasting, in memory, what the committed transaction did.
  func committed() {
    for (ledger, low) in settledBelow { session.lowWater[ledger] = low }
    session.staged.formUnion(staged)
    cache.update(touchedBatches)
  }
}

/// The ledgers of a catalog, as tables.
package struct LedgerDirectory: Sendable {
  private let byID: [LedgerID: LedgerTable]
  /// Urgent ledgers first, then by number: the order in which unsealed writes are taken.
  let inOrder: [LedgerTable]

  /// Makes a directory; ids are distinct, as the catalog has checked.
  package init(_ tables: [LedgerTable]) {
    byID = Dictionary(tables.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    inOrder = tables.sorted {
      ($0.lane == .urgent ? 0 : 1, $0.id) < ($1.lane == .urgent ? 0 : 1, $1.id)
    }
  }

  /// A ledger's table. Throws `StoreError.unknownLedger`.
  func table(_ id: LedgerID) throws -> LedgerTable {
    guard let table = byID[id] else { throw StoreError.unknownLedger(id) }
    return table
  }
}
