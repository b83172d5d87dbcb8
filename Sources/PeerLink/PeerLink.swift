package import ReplicationCore

/// An open, authenticated stream of frames with one peer. Frames are opaque bytes, at most `PeerLinkLimits.frameBytes` each.
///
/// Both directions are ordered and reliable until the channel ends; nothing is promised across channels.
package protocol PeerChannel: Sendable {
  /// Who is at the other end, as its certificate says.
  var peer: NodeID { get }
  /// Sends one frame; suspends while the transport is full. Throws `PeerLinkError` when the channel has ended.
  func send(_ frame: [UInt8]) async throws
  /// The next frame; nil when the peer ended the channel in order. Throws `PeerLinkError` when it broke.
  /// Called by one task at a time.
  func receive() async throws -> [UInt8]?
}

/// Opens channels to a node's parent.
package protocol PeerDialer: Sendable {
  /// Opens a channel, runs `body` with it, and closes it when `body` returns or throws.
  /// Throws what `body` throws, and `PeerLinkError` when no channel could be opened.
  func connect(_ body: @escaping @Sendable (any PeerChannel) async throws -> Void) async throws
}

/// Accepts channels from a node's children.
package protocol PeerListener: Sendable {
  /// Accepts until the task is cancelled; each channel is closed when `body` returns.
  func run(_ body: @escaping @Sendable (any PeerChannel) async -> Void) async throws
}

/// Limits that both ends of a link keep to.
package enum PeerLinkLimits {
  /// The largest frame: above it a gRPC connection keeps large read buffers, and later small messages wait tens of milliseconds (measured).
  package static let frameBytes = 256 * 1024
}

/// Why a channel could not be opened or has ended.
package enum PeerLinkError: Error, Sendable, Hashable {
  /// The world's fault: cut, refused connection, timeout. To be tried again.
  case unreachable(String)
  /// The peer's certificate is not what it must be.
  case untrusted(String)
  /// The peer does not accept this end's certificate; dialling again helps only once one of them is mended.
  case certificateRefused(String)
  /// A frame above the limit.
  case frameTooLarge(bytes: Int)
  /// What came is above the limit, in bytes, or compressed, which no node of this system sends: it was not looked into.
  case frameUnreadable(limit: Int)
  /// The channel was closed.
  case closed
}
