package import ReplicationCore

/// Something that an operator must hear of and that no log line may be the only trace of. Holds no value of a record.
package struct Alarm: Sendable, Hashable {
  package enum Code: String, Sendable, CaseIterable {
    /// A document of a lower epoch than the one in force was given out as the one in force.
    case rollback = "document_rollback"
    /// The region signed two documents for one epoch.
    case equivocation = "document_equivocation"
    /// A document that the region did not sign.
    case forged = "document_forged"
    /// A file of the region's settings is older than, or another than, what was signed.
    case fileOutdated = "document_file_outdated"
    /// A replica signed a batch under an older epoch than a batch before it.
    case epochReplay = "epoch_replay"
    /// Rules whose last day has passed could not be ended.
    case rulesOutlived = "rules_outlived"
  }

  package let code: Code
  /// Who sent it; nil: it was found on this machine.
  package let peer: NodeID?
  /// What happened and what to do.
  package let detail: String
  /// When it was raised last: microseconds since 1970 UTC.
  package let at: Int64

  package init(_ code: Code, peer: NodeID?, detail: String, at: Int64) {
    self.code = code
    self.peer = peer
    self.detail = detail
    self.at = at
  }
}

/// Bounds of the alarms.
package enum AlarmLimits {
  /// Alarms that are kept: the oldest go first.
  package static let count = 200
  /// How long an alarm stands after it was raised last: 30 days, in microseconds.
  package static let age: Int64 = 30 * 86_400 * 1_000_000
}
