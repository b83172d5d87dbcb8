package import ReplicationEngine
import Synchronization

/// A high-water file in memory: it outlives the stores of a test, as the real one outlives a database.
package final class MemoryHighWater: HighWaterFile {
  private struct State {
    var mark: HighWater?
    var writes = 0
    var delay = Duration.zero
  }
  private let state = Mutex(State())

  package init(_ mark: HighWater? = nil) { state.withLock { $0.mark = mark } }

  /// What it holds.
  package var mark: HighWater? { state.withLock { $0.mark } }
  /// How often it was written.
  package var writes: Int { state.withLock { $0.writes } }

  /// The file is lost, or an old copy of it put back.
  package func replace(with mark: HighWater?) { state.withLock { $0.mark = mark } }

  /// Makes every further write take this long.
  package func slow(_ delay: Duration) { state.withLock { $0.delay = delay } }

  package func read() throws -> HighWater? { mark }

  package func write(_ mark: HighWater) async throws {
    let delay = state.withLock { $0.delay }
    if delay > .zero { try await Task.sleep(for: delay) }
    state.withLock { state in
      state.mark = mark
      state.writes += 1
    }
  }
}
