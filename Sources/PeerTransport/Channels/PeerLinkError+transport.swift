import GRPCCore
import NIOCore
import NIOSSL
import PeerLink
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

  /// What an error means for a channel that never opened. `refusal` is what the own check of the certificate said.
  static func opening(_ error: any Error, address: PeerAddress, refusal: String?) -> PeerLinkError {
    if let refusal { return .untrusted(refusal) }
    let words = words(of: error)
    if words.contains("ALERT") || words.contains("alert") {
      return .untrusted(
        "the node at \(address) refused this node's certificate: \(words); "
          + "see that node's log for the reason")
    }
    return .unreachable("no channel to \(address): \(words)")
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
        text = error.message
        next = error.cause
      default:
        text = String(describing: error)
        next = nil
      }
      while text.hasSuffix(".") { text.removeLast() }
      if !parts.contains(text) { parts.append(text) }
    }
    return parts.joined(separator: ": ")
  }
}
