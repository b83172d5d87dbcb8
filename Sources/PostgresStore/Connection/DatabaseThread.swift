internal import Dispatch
internal import Synchronization

/// A thread of its own for a connection: libpq's calls block, and Swift's shared threads must not.
///
/// The state is made on the thread, used only there, and dropped there.
package final class DatabaseThread<State>: @unchecked Sendable {
  private let queue: DispatchQueue
  private var state: State?

  /// Names the thread for a debugger.
  package init(label: String) { queue = DispatchQueue(label: label) }

  /// Runs `body` on the thread, after what was asked before; returns or throws what it does.
  package func run<T: Sendable>(
    _ body: @escaping @Sendable (inout State?) throws -> T
  ) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body(&self.state) }) }
    }
  }

  /// Begins `body` on the thread, after what was asked before, and does not wait for it.
  package func begin<T: Sendable>(
    _ body: @escaping @Sendable (inout State?) throws -> T
  ) -> Begun<T> {
    let begun = Begun<T>()
    queue.async { begun.finish(Result { try body(&self.state) }) }
    return begun
  }
}

/// Work that was begun on one database thread, for another to wait for.
package final class Begun<T: Sendable>: Sendable {
  private let result = Mutex<Result<T, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  fileprivate func finish(_ result: Result<T, any Error>) {
    self.result.withLock { $0 = result }
    isDone.signal()
  }

  /// Blocks the calling thread until the work is done; returns or throws what it did.
  package func value() throws -> T {
    isDone.wait()
    // The next who asks finds it too.
    isDone.signal()
    guard let result = result.withLock({ $0 }) else { preconditionFailure("done without result") }
    return try result.get()
  }
}
