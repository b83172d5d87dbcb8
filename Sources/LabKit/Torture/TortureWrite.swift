import ReplicationCore

/// One transaction of a writer that was committed, or whose COMMIT was not answered.
struct TortureWrite: Sendable {
  enum Kind: String, Sendable { case insert, update, delete }

  /// Rises within a node in the order of its commits.
  let number: Int
  let node: NodeID
  let ref: RecordRef
  let kind: Kind
  /// What was written, by field; an insert writes `""` (null) to all others.
  let values: [FieldID: String]
  /// What the writer's own database showed and held in conflict, locked, in the same transaction.
  let saw: [FieldID: Set<String>]
  /// Whether COMMIT was answered.
  let isAcknowledged: Bool
  /// Seconds since the run began.
  let time: Double

  /// The value that this wrote to a field, `""` for null; nil when it did not write it.
  func value(of field: FieldID) -> String? {
    if let value = values[field] { return value }
    return kind == .insert ? "" : nil
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
