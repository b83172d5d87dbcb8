internal import ReplicationCore

/// What saving some records of one ledger comes to: staged rows by kind, removals, bodies.
struct SavePlan {
  let ledger: LedgerTable
  /// New rows, in staging order.
  private(set) var fresh: [(ref: RecordRef, values: [Value], version: [UInt8])] = []
  /// Keys of rows that get other values, in staging order.
  private(set) var updates: [String] = []
  /// Where rows lie of which only the version is new, and the versions.
  private(set) var stampedRows: [Int64] = []
  private(set) var stamps: [[UInt8]] = []
  /// The same for rows that are not locked, with the transactions that inserted them.
  private(set) var freshStamps: [(tid: Int64, xmin: Int64, key: String, version: [UInt8])] = []
  /// Keys whose rows go.
  var removals: [String] = []
  var bodyKeys: [String] = []
  var bodyHeld: [Int64] = []
  var bodies: [[UInt8]] = []
  /// What each body has seen, for `huijia.version`.
  var bodySeen: [[UInt8]] = []
  var bodyRemovals: [String] = []
  private var updateBuffer: [UInt8] = []

  /// The column of each field, by the field's number.
  private let positions: [Int?]

  init(ledger: LedgerTable) {
    self.ledger = ledger
    var positions = [Int?](repeating: nil, count: Int(FieldSet.limit) + 1)
    for (index, column) in ledger.columns.enumerated() {
      positions[Int(column.field.number)] = index
    }
    self.positions = positions
  }

  /// Whether an application sees anything change.
  var isVisible: Bool { !fresh.isEmpty || !updates.isEmpty || !removals.isEmpty }

  /// Decides what a record needs, given what was read of it.
  mutating func add(_ ref: RecordRef, _ record: Record, _ row: LoadedRow) throws {
    let isShown = record[.alive].shown().map { !$0.value.isDeletion } ?? false
    let stamp = isShown ? RecordStamp(record) : nil
    if stamp == nil {
      bodyKeys.append(ref.key)
      bodyHeld.append(record.isHeld ? 1 : 0)
      bodies.append(RecordCodec.encode(record))
      bodySeen.append(RecordCodec.encode(RecordStamp(ofEverySibling: record)))
    } else if row.hasBody {
      bodyRemovals.append(ref.key)
    }
    guard isShown else {
      guard row.unlocked == nil else { throw unlocked }
      if row.values != nil { removals.append(ref.key) }
      return
    }
    let version = stamp.map(RecordCodec.encode) ?? RecordCodec.seeBody
    let values = shownValues(of: record)
    switch row.values {
    case nil:
      fresh.append((ref, values, version))
    case values:
      guard row.version != version else { return }
      guard let tid = row.tid else { throw unlocked }
      write(version, of: ref, at: tid, row)
    default:
      guard row.unlocked == nil else { throw unlocked }
      try append(ref, values, version, number: Int64(updates.count), to: &updateBuffer)
      updates.append(ref.key)
    }
  }

  /// Decides what a record needs of which nothing was known; `row`: what was read of it, if anything was.
  ///
  /// A row that stands there already is the application's own, which was just sealed: only the version is new.
  mutating func add(_ creation: Creation, _ row: LoadedRow?) throws {
    guard let row, row.values != nil || row.hasBody else {
      var values = [Value](repeating: .null, count: ledger.columns.count)
      for write in creation.change.writes {
        if let column = positions[Int(write.field.number)] { values[column] = write.value }
      }
      return fresh.append((creation.ref, values, RecordCodec.encode(RecordStamp(creation))))
    }
    guard creation.side == .own, let tid = row.tid, !row.hasBody else {
      return try add(creation.ref, creation.record, row)
    }
    write(RecordCodec.encode(RecordStamp(creation)), of: creation.ref, at: tid, row)
  }

  private mutating func write(
    _ version: [UInt8], of ref: RecordRef, at tid: Int64, _ row: LoadedRow
  ) {
    if let xmin = row.unlocked { return freshStamps.append((tid, xmin, ref.key, version)) }
    stampedRows.append(tid)
    stamps.append(version)
  }

  private var unlocked: StoreError {
    .damaged(table: ledger.table, detail: "saved without its lock")
  }

  /// What a row shows, by column. Most registers have one value.
  private func shownValues(of record: Record) -> [Value] {
    var values = [Value](repeating: .null, count: ledger.columns.count)
    for entry in record.registers {
      guard let column = positions[Int(entry.field.number)] else { continue }
      let siblings = entry.register.siblings
      if siblings.count == 1 {
        values[column] = siblings[0].value.unwrapped
      } else {
        let isRouting = ledger.homes.contains(column)
        values[column] = entry.register.shown(isRouting: isRouting)?.value.unwrapped ?? .null
      }
    }
    return values
  }

  /// The rows to be updated, as `COPY` in binary format wants them for the stage.
  var updateChunks: [[UInt8]] { Self.framed(updateBuffer) }

  /// The new rows, for the stage (numbered from 0) or for the table itself. Throws `StoreError.invalidKey`.
  func freshChunks(isStaged: Bool) throws -> [[UInt8]] {
    var buffer: [UInt8] = []
    buffer.reserveCapacity(fresh.count * 320)
    for (number, row) in fresh.enumerated() {
      try append(
        row.ref, row.values, row.version, number: isStaged ? Int64(number) : nil, to: &buffer)
    }
    return Self.framed(buffer)
  }

  private static func framed(_ buffer: [UInt8]) -> [[UInt8]] {
    var header = Array("PGCOPY\n".utf8)
    header += [0xFF, 0x0D, 0x0A, 0x00]
    header += [0, 0, 0, 0, 0, 0, 0, 0]
    return [header, buffer, [0xFF, 0xFF]]
  }

  /// `number`: the row's number in the stage; nil for the table, which has no such column.
  private func append(
    _ ref: RecordRef, _ values: [Value], _ version: [UInt8], number: Int64?,
    to buffer: inout [UInt8]
  ) throws {
    let cells = ledger.columns.count + (number == nil ? 2 : 3)
    buffer.append(UInt8(cells >> 8))
    buffer.append(UInt8(cells & 0xFF))
    if let number {
      appendInt32(8, to: &buffer)
      appendInt64(number, to: &buffer)
    }
    guard ledger.keyType.append(ref.key, to: &buffer) else { throw StoreError.invalidKey(ref) }
    appendCell(version, to: &buffer)
    for (index, column) in ledger.columns.enumerated() {
      column.type.append(values[index], to: &buffer)
    }
  }
}
