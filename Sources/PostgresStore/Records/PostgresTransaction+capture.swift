package import ReplicationCore
package import ReplicationEngine

extension PostgresTransaction {
  package func takeCaptured(of refs: [RecordRef]?, limit: Int) throws -> [CapturedWrite] {
    if let refs {
      let pending = refs.filter { loaded[$0]?.isUnsealed == true }
      // They may have been read ahead as well.
      if !pending.isEmpty { session.ahead?.drop() }
      return try take(pending)
    }
    var taken: [CapturedWrite] = []
    // Asked before the passes: what they cannot see yet has a number at or above it.
    let oldestOpen = try connection.query(
      "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    ).int(0, 0)
    var lane = Lane.urgent
    let dropped = self.dropped
    var isWhole = true
    for ledger in ledgers.inOrder {
      // What is urgent goes alone: it does not wait until a load beside it is signed.
      if taken.count >= limit || ledger.lane != lane && !taken.isEmpty {
        isWhole = false
        break
      }
      lane = ledger.lane
      var pass: CapturedPass
      repeat {
        pass = try nextCaptured(ledger, limit: limit - taken.count)
        let (writes, isAll) = try take(pass, ledger)
        taken += writes
        if pass.isWhole, isAll { settledBelow[ledger.id] = oldestOpen }
      } while pass.isShort && taken.count < limit
      if !pass.isWhole { isWhole = false }
    }
    mayLeaveCaptured = !isWhole && self.dropped > dropped
    return taken
  }

  /// Takes a pass's writes, each record where it was written first; `isAll`: no record was held by another transaction.
  private func take(
    _ pass: CapturedPass, _ ledger: LedgerTable
  ) throws -> (writes: [CapturedWrite], isAll: Bool) {
    let fresh = try takeFresh(pass, ledger)
    var refs: [RecordRef] = []
    for (row, write) in zip(pass.rows, fresh) where write == nil {
      refs.append(RecordRef(ledger.id, row.key))
    }
    if refs.isEmpty { return (fresh.compactMap(\.self), true) }
    _ = try load(refs, lock: true)
    let isAll = !refs.contains { busy.contains($0) || contested.contains($0) }
    var others = Dictionary(
      grouping: try take(refs.filter { loaded[$0]?.isUnsealed == true }), by: \.ref)
    var taken: [CapturedWrite] = []
    for (row, write) in zip(pass.rows, fresh) {
      if let write {
        taken.append(write)
      } else if let writes = others.removeValue(forKey: RecordRef(ledger.id, row.key)) {
        taken += writes
      }
    }
    return (taken, isAll)
  }

  /// The next unsealed writes of a ledger: those that were read ahead, or read now; the ones after them are then read ahead.
  private func nextCaptured(_ ledger: LedgerTable, limit: Int) throws -> CapturedPass {
    if let pass = session.ahead?.take(ledger) {
      if !pass.isShort {
        session.ahead?.begin(ledger, after: pass.last, limit: limit, clockOffset: clockOffset)
      }
      return pass
    }
    let start = CapturedPass.Place(xid: session.lowWater[ledger.id] ?? 0, id: 0)
    let pass = try CapturedPass(
      of: ledger, after: start, limit: limit, isAhead: false, isCautious: session.isCautious,
      clockOffset: clockOffset, connection)
    if !pass.isWhole, !session.isCautious {
      session.ahead?.begin(ledger, after: pass.last, limit: limit, clockOffset: clockOffset)
    }
    return pass
  }

  private func take(_ refs: [RecordRef]) throws -> [CapturedWrite] {
    var gone: [LedgerID: [OutboxRow]] = [:]
    var writes: [CapturedWrite] = []
    writes.reserveCapacity(refs.count)
    for ref in refs {
      guard let row = loaded[ref], row.isUnsealed else { continue }
      gone[ref.ledger, default: []] += row.pending + row.vouched
      let ledger = try ledgers.table(ref.ledger)
      if let last = row.pending.last, let write = captured(ledger, ref, row, last) {
        writes += apart(write, ledger, row)
      }
      writes += row.verifications(of: ref, clockOffset: clockOffset)
      loaded[ref]?.pending = []
      loaded[ref]?.vouched = []
    }
    for (id, rows) in gone { try dropCaptured(rows, ledgers.table(id)) }
    return writes
  }

  /// Takes rows out of the outbox that are being sealed; not waited for.
  ///
  /// By place and number: an operator may have rewritten the table since a pass was read ahead.
  func dropCaptured(_ rows: [OutboxRow], _ ledger: LedgerTable) throws {
    if rows.isEmpty { return }
    let sent = try connection.send(
      """
      DELETE FROM \(ledger.outbox) o USING unnest($1::tid[], $2::bigint[]) s(tid, id)
      WHERE o.ctid = s.tid AND o.id = s.id
      """, [.tids(rows.map(\.tid)), .ints(rows.map(\.id))])
    expected.append(Expected(sent: sent, ledger: ledger, rows: rows.count, isLocked: false))
    dropped += rows.count
  }

  /// Folds a record's unsealed writes; nil when they left nothing: made and deleted before anyone saw it.
  private func captured(
    _ ledger: LedgerTable, _ ref: RecordRef, _ row: LoadedRow, _ last: OutboxRow
  ) -> CapturedWrite? {
    guard let values = row.values else {
      if row.record == nil { return nil }
      return CapturedWrite(
        ref: ref, values: [:], isDeletion: true, isCreation: false, time: last.time + clockOffset,
        actor: last.actor, seen: row.seenContexts)
    }
    let inserted = row.pending.contains { $0.operation == UInt8(ascii: "I") }
    var fields = FieldSet()
    for pending in row.pending { fields.formUnion(pending.changed) }
    if inserted, let held = row.record?.heldFields { fields.formUnion(held) }
    let written = ledger.values(values, of: fields)
    return CapturedWrite(
      ref: ref, values: written, isDeletion: false,
      isCreation: inserted || fields.contains(.alive),
      time: last.time + clockOffset, actor: last.actor, seen: row.seenContexts)
  }

  /// A creation whose home was changed before it was sealed stays two changes: made in the one division, then moved.
  ///
  /// As one it would be a creation with a home that the author may not give, and the first hop would refuse what its own database allowed.
  private func apart(
    _ write: CapturedWrite, _ ledger: LedgerTable, _ row: LoadedRow
  ) -> [CapturedWrite] {
    guard write.isCreation,
      let made = row.pending.lastIndex(where: { $0.operation == UInt8(ascii: "I") }),
      let homes = row.pending[made...].lazy.compactMap(\.oldHomes).first
    else { return [write] }
    var first = write.values
    var moved = FieldValues()
    for (position, home) in zip(ledger.homes, homes) {
      let field = ledger.columns[position].field
      let value = home.map(Value.text) ?? .null
      guard let last = write.values[field], last != value else { continue }
      first[field] = value
      moved[field] = last
    }
    if moved.isEmpty { return [write] }
    func part(_ values: FieldValues, isCreation: Bool) -> CapturedWrite {
      CapturedWrite(
        ref: write.ref, values: values, isDeletion: false, isCreation: isCreation,
        time: write.time, actor: write.actor, seen: write.seen)
    }
    return [part(first, isCreation: true), part(moved, isCreation: false)]
  }
}

extension LoadedRow {
  /// What the applications said they had read, per field: the last write of a field counts, and a deletion writes all that is held.
  fileprivate var seenContexts: [FieldContext] {
    guard pending.contains(where: { $0.seen != nil }) else { return [] }
    var contexts: [FieldID: VersionVector] = [:]
    for write in pending {
      var fields = write.changed
      if write.operation == UInt8(ascii: "D"), let held = record?.heldFields {
        fields.formUnion(held)
      }
      let known = write.seen.map { RecordCodec.contexts($0) }
      for field in fields.members { contexts[field] = known.map { $0[field] ?? VersionVector() } }
    }
    return contexts.sorted { $0.key < $1.key }.map { FieldContext($0.key, $0.value) }
  }
}
