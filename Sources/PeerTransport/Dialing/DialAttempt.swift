package import NodeIdentity
import Synchronization

/// What is known about one attempt to open a channel, gathered from the handshake and the call.
package final class DialAttempt: Sendable {
  private struct State {
    var isOpen = false
    var isTrusted = false
    var refusal: IdentityError?
  }
  private let state = Mutex(State())

  package init() {}

  var isOpen: Bool { state.withLock { $0.isOpen } }
  /// Whether the other end's certificate was found good.
  var isTrusted: Bool { state.withLock { $0.isTrusted } }
  /// Why this end refused the other's certificate; nil when it did not.
  var refusal: IdentityError? { state.withLock { $0.refusal } }

  func opened() { state.withLock { $0.isOpen = true } }

  package func trusted() { state.withLock { $0.isTrusted = true } }

  package func refused(_ error: IdentityError) { state.withLock { $0.refusal = error } }
}
