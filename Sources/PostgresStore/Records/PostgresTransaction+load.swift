package import ReplicationCore
package import ReplicationEngine
internal import SignedFeed

/// What a transaction knows of a record that it has read.
struct LoadedRow {
  /// The row's values, by column; nil when the ledger's table has no row.
  var values: [Value]?
  /// Where the row lies; known when it was locked.
  var tid: Int64?
  /// The transaction that inserted the row, when the row was read without a lock; nil when it is locked.
  var unlocked: Int64?
  /// The version column as it stands.
  var version: [UInt8]?
  /// Whether `huijia.record` has a body.
  var hasBody = false
  /// Unsealed writes, ascending by id.
  var pending: [OutboxRow] = []
  /// Unsealed words of people who vouched for values, ascending by id.
  var vouched: [OutboxRow] = []
  /// The record as it was last sealed; nil: never heard of.
  var record: Record?

  /// The version column as it stood when it was last sealed; nil: never.
  var sealedVersion: [UInt8]? { version ?? pending.lazy.compactMap(\.oldVersion).first }

  /// Whether some write of what is known must have been made by one that is not: then a bundle holds that.
  var isMadeUnseen: Bool {
    var isMade = false
    for write in pending {
      if write.operation == UInt8(ascii: "I") {
        isMade = true
        continue
      }
      if write.oldVersion == nil, !isMade { return true }
      if write.operation == UInt8(ascii: "D") { isMade = false }
    }
    return values != nil && version == nil && !isMade
  }

  /// Whether the row that the last sealed version spoke of is gone: deleted, or deleted and made again.
  var isRewritten: Bool { values == nil || version == nil }

  /// The fields whose sealed values an unsealed write may not overwrite, though the row does not show them any more.
  var staleFields: FieldSet {
    guard pending.contains(where: { $0.seen != nil }) else { return [] }
    return pending.reduce(into: []) { $0.formUnion($1.changed) }
  }
}

extension PostgresTransaction {
  package func load(_ refs: [RecordRef], lock: Bool) throws -> LoadedRecords {
    var result = LoadedRecords()
    var missing: [LedgerID: [String]] = [:]
    for ref in refs {
      if contested.contains(ref) {
        result.busy.insert(ref)
      } else if busy.contains(ref) {
        result.busy.insert(ref)
      } else if let row = loaded[ref] {
        if let record = row.record { result.records[ref] = record }
      } else {
        missing[ref.ledger, default: []].append(ref.key)
      }
    }
    for (id, keys) in missing.sorted(by: { $0.key < $1.key }) {
      let ledger = try ledgers.table(id)
      let fresh = try read(ledger, Array(Set(keys)).sorted(), lock: lock)
      for (key, row) in fresh {
        let ref = RecordRef(id, key)
        loaded[ref] = row
        if let record = row.record { result.records[ref] = record }
      }
      if !busy.isEmpty {
        for ref in keys.lazy.map({ RecordRef(id, $0) }) where busy.contains(ref) {
          result.busy.insert(ref)
        }
      }
    }
    return result
  }

  /// Reads rows, bodies and unsealed writes of some keys; with `lock`, rows that another transaction holds go to `busy`.
  ///
  /// `onlyHomes`: of the values only the homes, the others as null.
  func read(
    _ ledger: LedgerTable, _ keys: [String], lock: Bool, onlyHomes: Bool = false
  ) throws -> [String: LoadedRow] {
    for key in keys where !ledger.keyType.isCanonical(key) {
      throw StoreError.invalidKey(RecordRef(ledger.id, key))
    }
    var rows: [String: LoadedRow] = [:]
    rows.reserveCapacity(keys.count)
    try readRows(ledger, keys, lock: lock, onlyHomes: onlyHomes, into: &rows)
    var free = keys
    if lock {
      let missing = keys.filter { rows[$0] == nil }
      let traces = try traces(ledger, missing)
      if traces.count < missing.count {
        free = keys.filter { rows[$0] != nil || traces.contains($0) }
      }
      try findBusy(ledger, missing.filter { traces.contains($0) })
      if !busy.isEmpty { free.removeAll { busy.contains(RecordRef(ledger.id, $0)) } }
    }
    // Where the version column says everything there is no body.
    try readBodies(
      ledger, free.filter { (rows[$0]?.version).map { $0 == RecordCodec.seeBody } ?? true },
      into: &rows)
    try readPending(ledger, free, into: &rows)
    if lock {
      let bundled = free.filter { rows[$0]?.isMadeUnseen == true }
      if try unbundle(ledger, bundled) {
        for key in bundled {
          rows[key]?.pending = []
          rows[key]?.vouched = []
        }
        try readPending(ledger, bundled, into: &rows)
      }
      leaveInserted(ledger, free, &rows)
    }
    let sealed = try sealedValues(ledger, rows)
    for key in rows.keys { try settle(ledger, key, &rows[key, default: LoadedRow()], sealed) }
    return rows
  }

  /// Key, version, place and some columns of rows; with `lock`, of those that no other transaction holds, and they are locked.
  ///
  /// Lateral, here and below: row by row through the index, however small a table was when the plan was made and kept.
  private func rows(
    _ ledger: LedgerTable, _ keys: [String], _ wanted: [Int], lock: Bool
  ) throws -> Rows {
    try connection.query(
      """
      SELECT t.* FROM unnest($1::text[]) k CROSS JOIN LATERAL (
        SELECT t.\(ledger.keyName)::text, t._v, \(lock ? "t.ctid" : "NULL::tid") AS tid, \
        \(ledger.selectList("t", wanted))
        FROM \(ledger.table) t WHERE t.\(ledger.keyName) = \(ledger.keyCast("k"))
        \(lock ? "FOR UPDATE SKIP LOCKED" : "OFFSET 0")) t
      """, [.texts(keys)])
  }

  private func readRows(
    _ ledger: LedgerTable, _ keys: [String], lock: Bool, onlyHomes: Bool,
    into rows: inout [String: LoadedRow]
  ) throws {
    let wanted = onlyHomes ? ledger.homes : Array(ledger.columns.indices)
    let found = try self.rows(ledger, keys, wanted, lock: lock)
    for row in 0..<found.count {
      var loaded = LoadedRow()
      loaded.version = found.bytes(row, 1)
      loaded.tid = found.int(row, 2)
      var values = [Value](repeating: .null, count: ledger.columns.count)
      for (index, column) in wanted.enumerated() {
        values[column] = ledger.columns[column].type.value(found, row, index + 3)
      }
      loaded.values = values
      rows[found.text(row, 0) ?? ""] = loaded
    }
  }

  /// Of keys without a row that could be locked, those of which there is anything at all: of what is new there is nothing,
  /// and one look says so.
  private func traces(_ ledger: LedgerTable, _ keys: [String]) throws -> Set<String> {
    guard !keys.isEmpty else { return [] }
    let key = ledger.keyCast("k")
    let found = try connection.query(
      """
      SELECT k FROM unnest($2::text[]) k
      WHERE EXISTS (SELECT FROM \(ledger.table) t WHERE t.\(ledger.keyName) = \(key))
        OR EXISTS (SELECT FROM huijia.record r WHERE r.ledger = $1 AND r.key = k)
        OR EXISTS (SELECT FROM \(ledger.outbox) o WHERE o.key = \(key))
      """, [.int(Int64(ledger.id.number)), .texts(keys)])
    return Set((0..<found.count).map { found.text($0, 0) ?? "" })
  }

  /// What exists and was skipped is held by another transaction.
  private func findBusy(_ ledger: LedgerTable, _ keys: [String]) throws {
    guard !keys.isEmpty else { return }
    let found = try connection.query(
      """
      SELECT k FROM unnest($1::text[]) k CROSS JOIN LATERAL (
        SELECT FROM \(ledger.table) t
        WHERE t.\(ledger.keyName) = \(ledger.keyCast("k")) OFFSET 0) t
      """, [.texts(keys)])
    for row in 0..<found.count { busy.insert(RecordRef(ledger.id, found.text(row, 0) ?? "")) }
  }

  private func readBodies(
    _ ledger: LedgerTable, _ keys: [String], into rows: inout [String: LoadedRow]
  ) throws {
    guard !keys.isEmpty else { return }
    let found = try connection.query(
      """
      SELECT r.key, r.body FROM unnest($2::text[]) k CROSS JOIN LATERAL (
        SELECT r.key, r.body FROM huijia.record r WHERE r.ledger = $1 AND r.key = k OFFSET 0) r
      """, [.int(Int64(ledger.id.number)), .texts(keys)])
    for row in 0..<found.count {
      let key = found.text(row, 0) ?? ""
      rows[key, default: LoadedRow()].hasBody = true
      let ref = RecordRef(ledger.id, key)
      rows[key, default: LoadedRow()].record = try readable(ref) {
        try RecordCodec.body(found.bytes(row, 1) ?? [], ref)
      }
    }
  }

  /// A new statement after the lock: a write committed in between is seen, and none can follow while the row is held.
  /// Where there is no row to hold, an insert can: `leaveInserted`.
  private func readPending(
    _ ledger: LedgerTable, _ keys: [String], into rows: inout [String: LoadedRow]
  ) throws {
    guard !keys.isEmpty else { return }
    let found = try connection.query(
      """
      SELECT o.* FROM unnest($1::text[]) k CROSS JOIN LATERAL (
        SELECT \(ledger.outboxColumns) FROM \(ledger.outbox) o
        WHERE o.key = \(ledger.keyCast("k")) OFFSET 0) o
      """, [.texts(keys)])
    for row in 0..<found.count {
      let pending = ledger.outboxRow(found, row)
      if pending.operation == UInt8(ascii: "V") {
        rows[pending.key, default: LoadedRow()].vouched.append(pending)
      } else {
        rows[pending.key, default: LoadedRow()].pending.append(pending)
      }
    }
    guard found.count > 0 else { return }
    for key in keys {
      if (rows[key]?.pending.count ?? 0) > 1 { rows[key]?.pending.sort { $0.id < $1.id } }
      if (rows[key]?.vouched.count ?? 0) > 1 { rows[key]?.vouched.sort { $0.id < $1.id } }
    }
  }

  /// Keys whose row was inserted after it was looked for: what the outbox says of it would pass for a deletion.
  private func leaveInserted(
    _ ledger: LedgerTable, _ keys: [String], _ rows: inout [String: LoadedRow]
  ) {
    for key in keys {
      guard let row = rows[key], row.values == nil, let last = row.pending.last,
        last.operation != UInt8(ascii: "D")
      else { continue }
      rows[key] = nil
      busy.insert(RecordRef(ledger.id, key))
    }
  }

  /// Works out the record as it was last sealed from what was read.
  private func settle(
    _ ledger: LedgerTable, _ key: String, _ row: inout LoadedRow, _ sealed: SealedValues
  ) throws {
    if row.hasBody { return }
    let ref = RecordRef(ledger.id, key)
    guard let version = row.sealedVersion else { return }
    guard let stamp = try readable(ref, { try RecordCodec.stamp(version, ref) }) else { return }
    if row.isRewritten {
      row.record = stamp.record { field in
        stamp.dot(of: field).flatMap { sealed[ref]?[$0]?[field] }
      }
      return
    }
    var values = row.values ?? []
    if let homes = row.pending.lazy.compactMap(\.oldHomes).first {
      for (position, home) in zip(ledger.homes, homes) {
        values[position] = home.map(Value.text) ?? .null
      }
    }
    let stale = row.staleFields
    row.record = stamp.record { field in
      if stale.contains(field), let dot = stamp.dot(of: field),
        let value = sealed[ref]?[dot]?[field]
      {
        return value
      }
      return ledger.column(of: field).map { values[$0] }
    }
  }

  /// Values that rows do not show any more.
  private typealias SealedValues = [RecordRef: [Dot: [FieldID: Value]]]

  /// The sealed values of records whose rows are gone, made anew or written by a stale form, from the authors' batches: all in one go.
  private func sealedValues(
    _ ledger: LedgerTable, _ rows: [String: LoadedRow]
  ) throws -> SealedValues {
    var owners: [Dot: RecordRef] = [:]
    for (key, row) in rows
    where (row.isRewritten || !row.staleFields.isEmpty) && !row.hasBody {
      guard let version = row.sealedVersion else { continue }
      let ref = RecordRef(ledger.id, key)
      let dots = try readable(ref) { try RecordCodec.stamp(version, ref).dots } ?? []
      for dot in dots { owners[dot] = ref }
    }
    var values: SealedValues = [:]
    guard !owners.isEmpty else { return values }
    var indexes: [Replica: [UInt64]] = [:]
    for dot in owners.keys.sorted() { indexes[dot.replica, default: []].append(dot.index) }
    for batch in try batches(containing: Set(owners.keys)) {
      let header = batch.header
      let end = header.firstIndex + UInt64(header.count)
      let wanted = indexes[header.replica] ?? []
      for index in wanted where index >= header.firstIndex && index < end {
        guard let change = batch.change(index) else { continue }
        for write in change.writes {
          values[change.ref, default: [:]][change.dot, default: [:]][write.field] = write.value
        }
      }
    }
    return values
  }
}
