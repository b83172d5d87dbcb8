import DaemonKit
package import ReplicationCore

/// One thing that a run found wrong. Holds marks of the run's own, no value of a person.
package struct TortureFinding: Sendable {
  /// What was promised and not kept.
  package enum Kind: String, Sendable, CaseIterable {
    /// An acknowledged write is neither shown, nor in conflict, nor overwritten by a write that saw it, nor kept for the operator.
    case lost
    /// A deleted record stands although nothing was written that the deletion had not seen; or one is missing that nobody deleted.
    case presence
    /// A value stands beside one whose writer had seen it.
    case undead
    /// A value that no writer wrote.
    case foreign
    /// A node holds what it may not see.
    case leak
    /// Two nodes that may see a field show different values.
    case disagreement
    /// Two nodes that may see a field hold different values in conflict.
    case conflict
  }

  package let kind: Kind
  package let node: NodeID
  package let ledger: String
  package let key: String
  /// The field's name; empty: the record as a whole.
  package let field: String
  /// The dot of the write; empty when it was never seen sealed, or none is meant.
  package let dot: String
  package let detail: String
  /// The journal of the field, and what every node holds; a line each.
  package let excerpt: [String]

  /// The finding as lines of a report.
  package var lines: [String] {
    let place = field.isEmpty ? key : "\(key) \(field)"
    let name = dot.isEmpty ? "" : " \(dot)"
    return ["\(kind.rawValue): \(node) \(ledger) \(place)\(name): \(detail)"]
      + excerpt.map { "    \($0)" }
  }
}
