import NodeIdentity
import Synchronization

/// What is known about one attempt to open a channel, gathered from the handshake and the call.
final class DialAttempt: Sendable {
  private let state = Mutex<(isOpen: Bool, refusal: IdentityError?)>((false, nil))

  var isOpen: Bool { state.withLock { $0.isOpen } }
  /// Why this end refused the other's certificate; nil when it did not.
  var refusal: IdentityError? { state.withLock { $0.refusal } }

  func opened() { state.withLock { $0.isOpen = true } }

  func refused(_ error: IdentityError) { state.withLock { $0.refusal = error } }
}
