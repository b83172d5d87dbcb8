/// Bounds of what passes through the control socket.
package enum ControlLimits {
  /// The largest request that a daemon reads, in bytes; a hand-over bundle in it is the largest argument there is.
  package static let requestBytes = 4 * 1024 * 1024
  /// The largest arguments, in bytes: what is left of a request for them.
  package static let argumentBytes = requestBytes - 1024
  /// The largest document of an answer, in bytes.
  package static let documentBytes = 64 * 1024 * 1024
}
