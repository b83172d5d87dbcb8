package import ReplicationCore

/// One link as `status` shows it.
package struct LinkStatus: Sendable, Hashable {
  /// Where a link stands, as JSON names it.
  package enum State: String, Sendable, Hashable {
    case live
    case connecting
    case paused
    case refused
    case catchingUp = "catching_up"
  }

  /// Records done and to be done of a catch-up by state.
  package struct Progress: Sendable, Hashable {
    package var done: UInt64
    package var total: UInt64
    /// Records a second in the last while; nil: not known yet.
    package var rate: Double?
    package init(done: UInt64, total: UInt64) {
      self.done = done
      self.total = total
    }
    /// At the present rate; nil: not known yet.
    package var secondsLeft: Double? {
      guard let rate, rate > 0 else { return nil }
      return Double(total - min(done, total)) / rate
    }
  }

  package var peer: NodeID
  package var role: LinkRole
  package var loop: LinkLoop
  package var state: State
  /// Why it is not live; empty when it is.
  package var reason: String
  /// Feed entries not yet sent, both lanes.
  package var toSend: UInt64 = 0
  /// Feed entries sent and not yet acknowledged, both lanes.
  package var unacknowledged: UInt64 = 0
  /// How long the oldest entry that the peer has not acknowledged has waited on this link; 0 when there is none.
  package var behindSeconds: Double = 0
  /// When the last frame came, microseconds since 1970 UTC; nil: none since the daemon began.
  package var receivedAt: Int64?
  /// A catch-up by state in either direction; nil when there is none.
  package var catchUp: Progress?
  /// When the two ends were last compared to the end, by either of them, microseconds since 1970 UTC; nil: not since the daemon began.
  package var verifiedAt: Int64?
  /// What that comparison found; nil likewise.
  package var comparison: LinkComparison?
  /// Bytes of frames since the daemon began.
  package var sentBytes: UInt64 = 0
  package var receivedBytes: UInt64 = 0

  package init(
    peer: NodeID, role: LinkRole, loop: LinkLoop, state: State, reason: String = ""
  ) {
    self.peer = peer
    self.role = role
    self.loop = loop
    self.state = state
    self.reason = reason
  }
}
