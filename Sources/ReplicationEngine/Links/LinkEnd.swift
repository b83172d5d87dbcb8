import PeerLink

/// How a link ended.
package enum LinkEnd: Error, Sendable, Hashable {
  /// The peer ended it in order.
  case closed(Bye?)
  /// This end ended it in order.
  case stopped(Bye)
  /// This end refused the peer.
  case refused(LinkRefusal)
  /// The peer refused this end.
  case refusedByPeer(LinkRefusal)
  /// The channel broke, or the peer fell silent.
  case broken(String)
  /// This end does not accept the peer's certificate.
  case untrusted(String)
  /// The peer does not accept this end's certificate.
  case certificateRefused(String)
  /// This node's store failed.
  case storeFailed(String)

  /// Whether the other end should be told: the channel still stands.
  var leavesChannel: Bool {
    switch self {
    case .stopped, .refused, .storeFailed: true
    case .closed, .refusedByPeer, .broken, .untrusted, .certificateRefused: false
    }
  }

  /// Whether a person has to look at it.
  package var isRefusal: Bool {
    switch self {
    case .refused, .refusedByPeer, .untrusted, .certificateRefused: true
    default: false
    }
  }

  /// For `status`: the code and what happened; empty for an orderly end.
  package var reason: String {
    switch self {
    case .closed(let bye): bye.map { "\($0.code): \($0.hint)" } ?? ""
    case .stopped(let bye): "\(bye.code): \(bye.hint)"
    case .refused(let refusal): "\(refusal.code.rawValue): \(refusal.detail)"
    case .refusedByPeer(let refusal):
      "\(refusal.code.rawValue): refused by the peer: \(refusal.detail)"
    case .broken(let what): "unreachable: \(what)"
    case .untrusted(let what): "untrusted: \(what)"
    case .certificateRefused(let what): "certificate_refused: \(what)"
    case .storeFailed(let what): "store: \(what)"
    }
  }
}

extension LinkEnd {
  /// What an error of the channel, or of opening it, means for the link.
  init(channel error: PeerLinkError) {
    switch error {
    case .unreachable(let what): self = .broken(what)
    case .untrusted(let what): self = .untrusted(what)
    case .certificateRefused(let what): self = .certificateRefused(what)
    case .frameTooLarge(let bytes):
      self = .refused(
        LinkRefusal(
          .oversized, "a frame of \(bytes) bytes, at most \(FrameLimits.frameBytes) are allowed"))
    case .frameUnreadable(let limit):
      self = .refused(
        LinkRefusal(
          .oversized, "a frame above \(limit) bytes, or compressed: neither is ever sent"))
    case .closed: self = .closed(nil)
    }
  }
}
