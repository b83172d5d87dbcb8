import ReplicationCore
package import ReplicationEngine
import SignedFeed
import Synchronization

/// A `ChangeStore` in memory: the second implementation of the port, for tests and simulations.
package final class MemoryStore: ChangeStore {
  private let held: Mutex<Held>
  /// One writer at a time; `mutate` by applications goes between transactions.
  private let writer = Mutex(())

  private struct Held {
    var state: MemoryState
    /// How many calls of the next transaction go well before one is made to fail; nil: all.
    var callsLeft: Int?
  }

  package init(_ state: MemoryState = MemoryState()) {
    held = Mutex(Held(state: state, callsLeft: nil))
  }

  package func write<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T {
    try writeNow(body)
  }

  package func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> T
  ) async throws -> T {
    try readNow(body)
  }

  /// Runs a transaction on the calling thread. Throws what `body` throws, and `MemoryCrash` when one was ordered.
  package func writeNow<T: Sendable>(_ body: (any StoreTransaction) throws -> T) throws -> T {
    try writer.withLock { _ in
      let (state, calls) = held.withLock { held in
        defer { held.callsLeft = nil }
        return (held.state, held.callsLeft)
      }
      let transaction = MemoryTransaction(state, callsLeft: calls)
      let result = try body(transaction)
      held.withLock { $0.state = transaction.state }
      return result
    }
  }

  /// Runs a read-only transaction on the calling thread.
  package func readNow<T: Sendable>(_ body: (any StoreTransaction) throws -> T) throws -> T {
    try body(MemoryTransaction(snapshot, callsLeft: nil))
  }

  /// The committed state.
  package var snapshot: MemoryState { held.withLock { $0.state } }

  /// Replaces everything: a restored backup.
  package func replace(with state: MemoryState) { mutate { $0 = state } }

  /// Changes the state as an application or another transaction would.
  package func mutate(_ change: (inout MemoryState) -> Void) {
    writer.withLock { _ in held.withLock { change(&$0.state) } }
  }

  /// The next write transaction dies at its call number `calls`.
  package func crashNext(after calls: Int) { held.withLock { $0.callsLeft = calls } }
}

/// The process died inside a transaction.
package struct MemoryCrash: Error {}
