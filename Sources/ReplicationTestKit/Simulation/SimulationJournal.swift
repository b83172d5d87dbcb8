import ReplicationCore
import ReplicationEngine
import SignedFeed

/// Every change that any node ever sealed, apart from what the nodes themselves remember.
struct SimulationJournal {
  private(set) var changes: [Dot: Change] = [:]
  private var noted: [Replica: UInt64] = [:]

  mutating func note(_ network: SimulatedNetwork) {
    defer {
      let changes = changes
      network.journaled = { changes[$0] }
    }
    for node in network.nodes.values {
      let state = node.store.snapshot
      for (lane, head) in state.chains {
        let own = Replica(node: node.id, incarnation: head.incarnation, lane: lane)
        let known = noted[own] ?? 0
        guard head.nextIndex - 1 > known else { continue }
        for batch in state.batches[own] ?? [] where batch.header.lastIndex > known {
          for change in batch.changes { changes[change.dot] = change }
        }
        noted[own] = head.nextIndex - 1
      }
    }
  }
}
