internal import ReplicationCore

/// What saving some records of one ledger comes to: staged rows by kind, removals, bodies.
struct SavePlan {
  let ledger: LedgerTable
  /// Keys of new rows, in staging order.
  var insertedKeys: [String] = []
  var updates = 0
  var stampsOnly = 0
  /// Keys whose rows go.
  var removals: [String] = []
  var bodyKeys: [String] = []
  var bodyHeld: [Int64] = []
  var bodies: [[UInt8]] = []
  /// What each body has seen, for `huijia.version`.
  var bodySeen: [[UInt8]] = []
  var bodyRemovals: [String] = []
  private var buffer: [UInt8] = []

  init(ledger: LedgerTable) { self.ledger = ledger }

  var inserts: Int { insertedKeys.count }
  var staged: Int { inserts + updates + stampsOnly }
  /// Whether an application sees anything change.
  var isVisible: Bool { inserts + updates + removals.count > 0 }

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
      if row.values != nil { removals.append(ref.key) }
      return
    }
    let version = stamp.map(RecordCodec.encode) ?? RecordCodec.seeBody
    let values = ledger.columns.map { column in
      let isRouting = ledger.homes.contains { ledger.columns[$0].field == column.field }
      return record[column.field].shown(isRouting: isRouting)?.value ?? .null
    }
    switch row.values {
    case nil:
      insertedKeys.append(ref.key)
      try stage(ref, values, version, kind: 0)
    case values:
      guard row.version != version else { return }
      stampsOnly += 1
      try stage(ref, nil, version, kind: 2)
    default:
      updates += 1
      try stage(ref, values, version, kind: 1)
    }
  }

  /// The staged rows as `COPY` in binary format wants them.
  func copyChunks() -> [[UInt8]] {
    var header = Array("PGCOPY\n".utf8)
    header += [0xFF, 0x0D, 0x0A, 0x00]
    header += [0, 0, 0, 0, 0, 0, 0, 0]
    return [header, buffer, [0xFF, 0xFF]]
  }

  private mutating func stage(
    _ ref: RecordRef, _ values: [Value]?, _ version: [UInt8], kind: UInt8
  ) throws {
    let cells = ledger.columns.count + 4
    buffer.append(UInt8(cells >> 8))
    buffer.append(UInt8(cells & 0xFF))
    appendInt32(2, to: &buffer)
    buffer.append(0)
    buffer.append(kind)
    appendInt32(8, to: &buffer)
    appendInt64(Int64(inserts) - 1, to: &buffer)
    guard ledger.keyType.append(ref.key, to: &buffer) else { throw StoreError.invalidKey(ref) }
    appendCell(version, to: &buffer)
    for (index, column) in ledger.columns.enumerated() {
      if let values {
        column.type.append(values[index], to: &buffer)
      } else {
        appendInt32(-1, to: &buffer)
      }
    }
  }
}
