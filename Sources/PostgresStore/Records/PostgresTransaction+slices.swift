internal import ReplicationCore

extension PostgresTransaction {
  /// Writes staged rows of these keys; where a lock does not come, or the table does not take a row, halves them until the
  /// keys are known. Throws `Contention` with those.
  func inSlices(
    _ keys: [String], _ ledger: LedgerTable, _ statement: (Range<Int>) throws -> Void
  ) throws {
    var held = Contention()
    try write(keys.indices, of: keys, ledger, &held, statement)
    if !held.isEmpty { throw held }
  }

  private func write(
    _ slice: Range<Int>, of keys: [String], _ ledger: LedgerTable, _ held: inout Contention,
    _ statement: (Range<Int>) throws -> Void
  ) throws {
    // Short: while it waits here, applications may be waiting for rows that this transaction holds.
    try connection.execute("SAVEPOINT slice; SET LOCAL lock_timeout = '50ms'")
    do {
      try statement(slice)
      try connection.execute("SET LOCAL lock_timeout = '200ms'; RELEASE SAVEPOINT slice")
    } catch let error as PostgresError where error.isContention || error.isRowRefusal {
      try connection.execute("ROLLBACK TO SAVEPOINT slice; RELEASE SAVEPOINT slice")
      guard slice.count > 1 else {
        let ref = RecordRef(ledger.id, keys[slice.lowerBound])
        if error.isRowRefusal { held.refused[ref] = error } else { held.refs.insert(ref) }
        return
      }
      // A table that takes nothing is not asked row by row.
      guard held.refused.count < RefusedRowLimits.rows else { throw error }
      let middle = slice.lowerBound + slice.count / 2
      try write(slice.lowerBound..<middle, of: keys, ledger, &held, statement)
      try write(middle..<slice.upperBound, of: keys, ledger, &held, statement)
    }
  }
}
