internal import ReplicationCore

/// Reads the next pass of a load on a connection of its own while the one before is signed: reading takes no locks.
///
/// What was read may be out of date when it is taken. Of a new row the stamp finds that out, for it goes only where the very row
/// version stands that was read; any other write is read again with its record, under the lock. The writes themselves leave the
/// outbox by the store's one writer alone, which calls `drop` when it takes any out of turn, and finds those that were moved by
/// `VACUUM FULL`. Confined to the writer's thread.
final class ReadAhead {
  private let conninfo: String
  private let thread = DatabaseThread<Session>(label: "huijia.store.ahead")
  private var next: (ledger: LedgerID, columns: Int, pass: Begun<CapturedPass>)?

  /// How many passes were begun in turn.
  private var inTurn = 0
  /// After so many passes in turn one begins below them again: what was committed late waits no longer than these take.
  private static let turns = 16

  init(conninfo: String) { self.conninfo = conninfo }

  /// Begins to read what follows a place, but for every 17th time. One pass at a time: an earlier one is forgotten.
  func begin(
    _ ledger: LedgerTable, after place: CapturedPass.Place, limit: Int, clockOffset: Int64
  ) {
    next = nil
    inTurn = inTurn == Self.turns ? 0 : inTurn + 1
    if inTurn == 0 { return }
    let conninfo = conninfo
    let pass = thread.begin { session in
      let open = try session ?? Session(conninfo: conninfo, isWriter: false)
      session = open
      do {
        return try CapturedPass(
          of: ledger, after: place, limit: limit, isAhead: true, isCautious: false,
          clockOffset: clockOffset, open.connection)
      } catch {
        if !open.connection.isOpen { session = nil }
        throw error
      }
    }
    next = (ledger.id, ledger.columns.count, pass)
  }

  /// What was read of a ledger; nil when nothing was, when columns were added since, or when it failed: then the writer reads
  /// itself and hears why.
  func take(_ ledger: LedgerTable) -> CapturedPass? {
    guard let next, next.ledger == ledger.id else { return nil }
    self.next = nil
    // Columns are only ever added.
    guard next.columns == ledger.columns.count else { return nil }
    guard let pass = try? next.pass.value(), !pass.rows.isEmpty else { return nil }
    return pass
  }

  /// Forgets what was read.
  func drop() { next = nil }
}
