internal import ReplicationCore
internal import SignedFeed
internal import Synchronization

/// Names a kept batch.
struct BatchKey: Hashable, Sendable {
  let replica: Replica
  let first: UInt64
}

/// Decoded batches, shared by a store's connections; bounded, and never older than what was committed.
final class BatchCache: Sendable {
  private struct State {
    var young: [BatchKey: SignedBatch] = [:]
    var old: [BatchKey: SignedBatch] = [:]
    /// Per replica the first indexes that are cached, ascending.
    var firsts: [Replica: [UInt64]] = [:]
    /// Counts commits; a reader may add only what no later commit has touched.
    var clock: UInt64 = 0
    var touched: [BatchKey: UInt64] = [:]
    var floor: UInt64 = 0
  }

  private let state = Mutex(State())
  private let limit: Int

  /// `limit`: how many batches a generation holds; at most twice as many are kept.
  init(limit: Int = 128) { self.limit = limit }

  /// The time that a reader notes when its snapshot begins.
  var now: UInt64 { state.withLock { $0.clock } }

  /// The cached batch that contains a dot.
  func batch(containing dot: Dot) -> SignedBatch? {
    state.withLock { state in
      guard let first = state.firsts[dot.replica]?.last(where: { $0 <= dot.index }) else {
        return nil
      }
      let key = BatchKey(replica: dot.replica, first: first)
      guard let batch = state.young[key] ?? state.old[key] else { return nil }
      return dot.index < first + UInt64(batch.header.count) ? batch : nil
    }
  }

  /// Adds what a transaction read whose snapshot began at `start`.
  func add(_ batch: SignedBatch, readAt start: UInt64) {
    let key = BatchKey(replica: batch.header.replica, first: batch.header.firstIndex)
    state.withLock { state in
      guard start >= state.floor, start >= state.touched[key] ?? 0 else { return }
      insert(batch, key, &state)
    }
  }

  /// Puts in what a committed transaction wrote, and drops what it removed.
  func update(_ batches: [BatchKey: SignedBatch?]) {
    guard !batches.isEmpty else { return }
    state.withLock { state in
      state.clock += 1
      for (key, batch) in batches {
        state.touched[key] = state.clock
        if let batch { insert(batch, key, &state) } else { remove(key, &state) }
      }
      if state.touched.count > 8 * limit {
        state.touched.removeAll()
        state.floor = state.clock
      }
    }
  }

  private func insert(_ batch: SignedBatch, _ key: BatchKey, _ state: inout State) {
    if state.young[key] == nil, state.old[key] == nil {
      var firsts = state.firsts[key.replica] ?? []
      firsts.insert(key.first, at: firsts.firstIndex { $0 > key.first } ?? firsts.endIndex)
      state.firsts[key.replica] = firsts
    }
    state.old[key] = nil
    state.young[key] = batch
    guard state.young.count > limit else { return }
    for key in state.old.keys { state.firsts[key.replica]?.removeAll { $0 == key.first } }
    state.old = state.young
    state.young = [:]
  }

  private func remove(_ key: BatchKey, _ state: inout State) {
    state.young[key] = nil
    state.old[key] = nil
    state.firsts[key.replica]?.removeAll { $0 == key.first }
  }
}
