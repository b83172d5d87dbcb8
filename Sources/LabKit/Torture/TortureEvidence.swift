import PostgresStore
import Governance
import ReplicationCore
import ReplicationEngine

/// What one node shows and holds after the run.
struct TortureEvidence: Sendable {
  let node: NodeID
  /// What its applications see: rows by key, `""` for null.
  var rows: [RecordRef: [FieldID: String]] = [:]
  /// What its store holds, records without a row (deleted, departed) among them.
  var records: [RecordRef: Record] = [:]
  /// The dots in its hand-over archive, by record and field. Their values are sealed to another node.
  var archived: [RecordRef: [FieldID: Set<Dot>]] = [:]
  /// Proofs in its quarantine, by record; a change without one stands with no bytes.
  var refused: [RecordRef: [[UInt8]]] = [:]

  /// The values of a field: the one that applications see, and those in conflict beside it.
  func values(_ ref: RecordRef, _ field: FieldID) -> Set<String> {
    var values = Set(records[ref]?[field].siblings.compactMap(\.value.mark) ?? [])
    if let shown = rows[ref]?[field] { values.insert(shown) }
    return values
  }

  /// Whether a mark stands in some of these bytes.
  static func contains(_ mark: String, in blobs: [[UInt8]]?) -> Bool {
    let wanted = Array(mark.utf8)
    return blobs?.contains { contains($0, wanted) } ?? false
  }

  private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first, bytes.count >= wanted.count else { return false }
    for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
      if bytes[start..<(start + wanted.count)].elementsEqual(wanted) { return true }
    }
    return false
  }
}

extension TortureWorld {
  /// Reads a node after the run.
  func evidence(_ node: NodeID) async throws -> TortureEvidence {
    var evidence = TortureEvidence(node: node)
    let store = try store(node)
    for ledger in catalog.ledgers {
      var last: String?
      while true {
        let after = last
        let slice = try await store.read { try $0.scan(ledger.id, after: after, limit: 500) }
        for (ref, record) in slice {
          evidence.records[ref] = record
          journal.noteDots(ref, record)
        }
        guard let end = slice.last?.0.key else { break }
        last = end
      }
    }
    evidence.archived = try await archived(store)
    let thread = DatabaseThread<Connection>(label: "huijia.torture.evidence")
    let conninfo = try inside(node)
    let read = evidence
    return try await thread.run { _ in
      var evidence = read
      let connection = try Connection(conninfo)
      for ledger in catalog.ledgers {
        let columns = ledger.fields.map { "\($0.name)::text" }.joined(separator: ", ")
        let rows = try connection.query(
          "SELECT \(ledger.key.name)::text, \(columns) FROM ledger.\(ledger.name)")
        for row in 0..<rows.count {
          var fields: [FieldID: String] = [:]
          for (index, field) in ledger.fields.enumerated() {
            fields[field.id] = rows.text(row, index + 1) ?? ""
          }
          evidence.rows[RecordRef(ledger.id, rows.text(row, 0) ?? "")] = fields
        }
      }
      try Self.readKept(connection, &evidence)
      return evidence
    }
  }

  /// What waits in a node's archive to be handed over.
  private func archived(
    _ store: PostgresStore
  ) async throws -> [RecordRef: [FieldID: Set<Dot>]] {
    var result: [RecordRef: [FieldID: Set<Dot>]] = [:]
    var last: UInt64 = 0
    while true {
      let after = last
      let items = try await store.read { try $0.archived(.open(after: after, limit: 500)) }
      for item in items {
        for entry in item.payload {
          result[item.ref, default: [:]][entry.field, default: []].formUnion(entry.dots)
        }
      }
      guard let end = items.last?.id else { return result }
      last = end
    }
  }

  private static func readKept(_ connection: Connection, _ evidence: inout TortureEvidence) throws {
    let refused = try connection.query(
      """
      SELECT ledger, key, coalesce(proof, ''::bytea) FROM huijia.refused
      WHERE ledger IS NOT NULL AND key IS NOT NULL
      """)
    collect(refused, &evidence.refused)
  }

  private static func collect(_ rows: Rows, _ blobs: inout [RecordRef: [[UInt8]]]) {
    for row in 0..<rows.count {
      let ref = RecordRef(LedgerID(UInt16(rows.int(row, 0) ?? 0)), rows.text(row, 1) ?? "")
      blobs[ref, default: []].append(rows.bytes(row, 2) ?? [])
    }
  }
}
