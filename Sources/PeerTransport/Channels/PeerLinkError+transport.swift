import GRPCCore
import Glibc
import NIOCore
import NIOSSL
package import NodeIdentity
package import PeerLink
import ReplicationCore

extension PeerLinkError {
  /// What an error of the transport means for a link that was open.
  init(transport error: any Error, peer: NodeID, limit: Int) {
    switch error {
    case let error as PeerLinkError:
      self = error
    case let error as RPCError where Self.isUnreadable(error):
      self = .frameUnreadable(limit: limit)
    case is CancellationError, is ChannelError:
      self = .closed
    case let error as RPCError where error.code == .cancelled:
      self = .closed
    default:
      self = .unreachable("the link to \(peer) broke: \(Self.words(of: error))")
    }
  }

  /// What an error means for a channel that never opened. `own` is what is wrong with this node's own certificate, nil when nothing is.
  package static func opening(
    _ error: any Error, address: PeerAddress, _ attempt: DialAttempt, own: IdentityError?
  ) -> PeerLinkError {
    if let refusal = attempt.refusal { return .untrusted(refusal.description) }
    if let error = error as? PeerLinkError { return error }
    let words = words(of: error)
    let place = "see refused_certificates in that node's `huijiactl status`"
    // The parent judges after this end has: what it says about it may be lost with the connection.
    if words.contains("ALERT") || words.contains("alert") || attempt.isTrusted && own != nil {
      return .certificateRefused(
        "the node at \(address) refuses this node's certificate: "
          + "\(own?.description ?? words); \(place)")
    }
    guard attempt.isTrusted else { return .unreachable("no channel to \(address): \(words)") }
    return .unreachable(
      "the node at \(address) closed the connection after the handshake (\(words)); where that "
        + "goes on, it refuses this node's certificate: \(place)")
  }

  /// Whether the message decoder refused a message: by its length, or because it is compressed. Which of the two, it does not say.
  private static func isUnreadable(_ error: RPCError) -> Bool {
    error.code == .resourceExhausted || error.message.hasPrefix("Failed to decode message")
  }

  /// The error's own words and those of what caused it, without repeating.
  static func words(of error: any Error) -> String {
    var parts: [String] = []
    var next: (any Error)? = error
    while let error = next, parts.count < 4 {
      var text: String
      switch error {
      case let error as RPCError:
        text = error.message.isEmpty ? "\(error.code)" : error.message
        next = error.cause
      case let error as RuntimeError:
        // What it says around its cause is about the machinery.
        text = error.cause == nil ? error.message : ""
        next = error.cause
      case let error as IOError:
        text = strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
        next = nil
      case NIOSSLError.handshakeFailed(let reason) where "\(reason)".contains("EOF"):
        text = "the other end closed during the TLS handshake"
        next = nil
      default:
        text = String(describing: error)
        next = nil
      }
      while text.hasSuffix(".") { text.removeLast() }
      if !text.isEmpty, !parts.contains(text) { parts.append(text) }
    }
    return parts.joined(separator: ": ")
  }
}
