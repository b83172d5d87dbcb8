internal import ReplicationCore
internal import Synchronization

/// A record as projection needs it: what its version column says, and its homes. A few hundred bytes.
struct CachedOutline {
  let stamp: RecordStamp
  /// By position in the ledger's homes.
  let homes: [Value]

  /// The record with null for every value but the homes.
  func record(of ledger: LedgerTable) -> Record {
    stamp.record { field in
      for (position, home) in ledger.homes.enumerated()
      where ledger.columns[home].field == field {
        return homes[position]
      }
      return nil
    }
  }
}

/// Outlines of the records saved last, shared by a store's connections: what was just written is what is projected next.
///
/// A reader takes only what was committed before its snapshot. The writer drops what it is about to commit before it commits,
/// so that a snapshot that holds the new version never meets the old one here.
final class OutlineCache: Sendable {
  private struct State {
    var entries: [RecordRef: Entry] = [:]
    /// The order in which they came, from `first` on; a record saved again stands here twice.
    var order: [(ref: RecordRef, committed: UInt64)] = []
    var first = 0
    /// Counts commits.
    var clock: UInt64 = 0
  }

  private struct Entry {
    let outline: CachedOutline
    let committed: UInt64
  }

  private let state = Mutex(State())
  private let limit: Int

  /// `limit`: how many outlines are kept.
  init(limit: Int = 16_384) { self.limit = limit }

  /// The time that a reader notes before its snapshot begins.
  var now: UInt64 { state.withLock { $0.clock } }

  /// The outlines of some records that were committed at or before a time; those that are not known are left out.
  func outlines(of refs: [RecordRef], asOf time: UInt64) -> [RecordRef: CachedOutline] {
    state.withLock { state in
      var found: [RecordRef: CachedOutline] = [:]
      found.reserveCapacity(refs.count)
      for ref in refs {
        if let entry = state.entries[ref], entry.committed <= time {
          found[ref] = entry.outline
        }
      }
      return found
    }
  }

  /// Forgets records that are about to be committed.
  func drop(_ saved: [(RecordRef, CachedOutline?)]) {
    guard !saved.isEmpty else { return }
    state.withLock { state in
      if state.entries.isEmpty { return }
      for (ref, _) in saved { state.entries[ref] = nil }
    }
  }

  /// Takes in what was committed; nil: not to be kept.
  func committed(_ saved: [(RecordRef, CachedOutline?)]) {
    guard !saved.isEmpty else { return }
    state.withLock { state in
      state.clock += 1
      for case (let ref, let outline?) in saved {
        state.entries[ref] = Entry(outline: outline, committed: state.clock)
        state.order.append((ref, state.clock))
      }
      forgetOldest(&state)
    }
  }

  private func forgetOldest(_ state: inout State) {
    while state.order.count - state.first > limit {
      let (ref, committed) = state.order[state.first]
      state.first += 1
      if state.entries[ref]?.committed == committed { state.entries[ref] = nil }
    }
    if state.first > limit {
      state.order.removeFirst(state.first)
      state.first = 0
    }
  }
}
