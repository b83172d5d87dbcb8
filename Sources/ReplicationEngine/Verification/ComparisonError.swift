package import ReplicationCore

/// Why two ends of a link could not be compared.
package enum ComparisonError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No live link, or it ended meanwhile.
  case notLive(NodeID)
  /// The peer's program is too old.
  case peerTooOld(NodeID)
  /// Another comparison of this link is running, or its last question is still open.
  case busy(NodeID)
  /// The peer did not answer in time.
  case noAnswer(NodeID)
  /// The peer cannot compare now: its own reason, such as `policy` or `store`.
  case notNow(NodeID, String)
  /// The peer's answer does not fit the question.
  case nonsense(NodeID)

  /// Machine-readable.
  package var code: String {
    switch self {
    case .notLive: "not_live"
    case .peerTooOld: "peer_too_old"
    case .busy: "busy"
    case .noAnswer: "no_answer"
    case .notNow(_, let reason): "not_now: \(reason)"
    case .nonsense: "nonsense"
    }
  }

  package var description: String {
    switch self {
    case .notLive(let peer): "there is no live link with \(peer)"
    case .peerTooOld(let peer): "\(peer) runs a version that cannot compare: upgrade it"
    case .busy(let peer): "the link with \(peer) is being compared already"
    case .noAnswer(let peer): "\(peer) gave no answer in time"
    case .notNow(let peer, let reason): "\(peer) cannot compare now: \(reason)"
    case .nonsense(let peer): "\(peer) answered something that was not asked"
    }
  }
}
