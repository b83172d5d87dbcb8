internal import Dispatch

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
}
