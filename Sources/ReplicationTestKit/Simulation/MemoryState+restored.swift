import ReplicationCore
import ReplicationEngine
import SignedFeed

extension MemoryState {
  /// This state as a backup that is put back: a new incarnation, an empty feed, and a catch-up owed on every link.
  package func restored(incarnation: UInt32) -> MemoryState {
    var state = self
    for lane in Lane.allCases {
      state.chains[lane] = ChainHead(incarnation: incarnation, nextIndex: 1, previous: .zero)
      state.feeds[lane] = MemoryFeed()
    }
    for peer in state.links.keys {
      for lane in Lane.allCases {
        var fresh = LaneState()
        fresh.catchUpPosition = 0
        state.links[peer]?[lane] = fresh
      }
    }
    for ref in state.records.keys { state.records[ref]?.moved = 0 }
    state.busy = []
    return state
  }
}
