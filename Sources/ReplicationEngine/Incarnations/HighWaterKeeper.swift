import Synchronization

/// Writes the high-water file, for all who wait at once: while one write is under way the next gathers whoever comes.
package final class HighWaterKeeper: Sendable {
  private struct State {
    /// What the file surely holds; nil before the first write.
    var durable: HighWater?
    /// What the next write is to hold.
    var wanted: HighWater?
    var isWriting = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let file: (any HighWaterFile)?
  private let state = Mutex(State())

  /// With no file nothing is kept and nobody waits.
  package init(_ file: (any HighWaterFile)?) { self.file = file }

  package var hasFile: Bool { file != nil }

  /// Reads the file; nil when there is none. Throws what the file throws.
  func load() throws -> HighWater? {
    let kept = try file?.read()
    state.withLock { $0.durable = kept }
    return kept
  }

  /// Returns when the file holds at least these indexes. What leaves this node waits for it: no index is ever given out twice.
  ///
  /// `mark` is what a committed transaction holds, never more. Throws when the file cannot be written.
  package func secure(_ mark: HighWater) async throws {
    try await write(mark) { $0.coversIndexes(of: mark) }
  }

  /// Returns when the file holds this mark with its positions.
  package func keep(_ mark: HighWater) async throws {
    try await write(mark) { !mark.isAhead(of: $0) }
  }

  private func write(_ mark: HighWater, until isEnough: (HighWater) -> Bool) async throws {
    guard let file else { return }
    while true {
      let next = state.withLock { state -> HighWater? in
        if state.durable.map(isEnough) == true { return nil }
        let wanted = state.wanted?.joined(mark) ?? state.durable?.joined(mark) ?? mark
        state.wanted = wanted
        if state.isWriting { return nil }
        state.isWriting = true
        return wanted
      }
      if let next {
        defer { finish() }
        try await file.write(next)
        state.withLock { $0.durable = next }
        continue
      }
      if state.withLock({ $0.durable.map(isEnough) == true }) { return }
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isWriting { state.waiters.append(continuation) }
          return !state.isWriting
        }
        if isOver { continuation.resume() }
      }
    }
  }

  private func finish() {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      state.isWriting = false
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
