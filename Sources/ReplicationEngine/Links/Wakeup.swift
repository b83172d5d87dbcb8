import Synchronization

/// Wakes one waiting task. A signal that nobody waits for is kept: the next wait returns at once. Several signals before a wait count as one.
package final class Wakeup: Sendable {
  private struct State {
    var isSignalled = false
    var waiter: CheckedContinuation<Void, Never>?
  }
  private let state = Mutex(State())

  package init() {}

  /// Lets the waiter, or the next one, go on.
  package func signal() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.isSignalled = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Suspends until a signal. Throws `CancellationError` when the task is cancelled. One task waits at a time.
  package func wait() async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state -> Bool in
          if state.isSignalled || Task.isCancelled {
            state.isSignalled = false
            return true
          }
          precondition(state.waiter == nil, "one task waits at a time")
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      signal()
    }
    try Task.checkCancellation()
  }
}
