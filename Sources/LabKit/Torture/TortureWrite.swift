package import ReplicationCore

/// One transaction of a writer that was committed, or whose COMMIT was not answered.
package struct TortureWrite: Sendable {
  package enum Kind: String, Sendable { case insert, update, delete }

  /// Rises within a node in the order of its commits.
  package let number: Int
  package let node: NodeID
  package let ref: RecordRef
  package let kind: Kind
  /// What was written, by field; an insert also writes `""` (null) to all others that its node held something of, as of a deleted record.
  package let values: [FieldID: String]
  /// What the writer's own database showed and held in conflict, locked, in the same transaction.
  package let saw: [FieldID: Set<String>]
  /// Whether COMMIT was answered.
  package let isAcknowledged: Bool
  /// Seconds since the run began.
  package let time: Double

  /// Makes a write; see the properties.
  package init(
    number: Int, node: NodeID, ref: RecordRef, kind: Kind, values: [FieldID: String],
    saw: [FieldID: Set<String>], isAcknowledged: Bool, time: Double
  ) {
    self.number = number
    self.node = node
    self.ref = ref
    self.kind = kind
    self.values = values
    self.saw = saw
    self.isAcknowledged = isAcknowledged
    self.time = time
  }

  /// What of some values an update of a row writes: a column that keeps its value is not written, and nothing of it is sealed.
  package static func changes(
    _ values: [FieldID: String], of row: [FieldID: String]
  ) -> [FieldID: String] {
    values.filter { row[$0.key] != $0.value }
  }

  /// The value that this wrote to a field, `""` for null; nil when it did not write it.
  package func value(of field: FieldID) -> String? {
    if let value = values[field] { return value }
    // Who does not hold a record has not seen it: a key that is registered again is empty beside what it was, not in its place.
    return kind == .insert && saw[field]?.isEmpty == false ? "" : nil
  }

  /// One line for a report: markers only.
  func line(of field: FieldID?) -> String {
    let outcome = isAcknowledged ? "" : " (COMMIT not answered)"
    var text = "#\(number) \(TortureReport.seconds(time)) \(node) \(kind.rawValue)\(outcome)"
    guard let field else { return text }
    if let value = value(of: field) { text += " wrote \(value.isEmpty ? "null" : value)" }
    let seen = (saw[field] ?? []).sorted().map { $0.isEmpty ? "null" : $0 }
    return text + " saw {\(seen.joined(separator: ", "))}"
  }
}
