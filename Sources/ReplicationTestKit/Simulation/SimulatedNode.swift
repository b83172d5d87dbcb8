package import ReplicationCore
package import ReplicationEngine
package import SignedFeed
package import SeededRandom

/// One node of a simulation: a store, a replicator, and what its process remembers of its links.
package final class SimulatedNode {
  package let id: NodeID
  package let store: MemoryStore
  package var replicator: Replicator
  package var incarnation: UInt32 = 1
  /// Next position to be projected, per peer and lane; lost with the process.
  var sent: [NodeID: [Lane: UInt64]] = [:]
  /// Where an unfinished policy entry goes on.
  var resume: [NodeID: [Lane: RecordRef]] = [:]
  /// What is to be archived when the peer has acknowledged up to a position.
  var archived: [NodeID: [Lane: [(UInt64, [ArchivedItem])]]] = [:]

  /// What the process has asked its parent about its archive, and its children about theirs.
  let questions = HandoverQuestions()
  /// The node's key for hand-overs.
  package let sealing = SealingIdentity()

  package init(id: NodeID, parent: NodeID?, policy: any SharingPolicy, shelf: any PolicyShelf) {
    self.id = id
    store = MemoryStore()
    replicator = Replicator(
      node: id, parent: parent, signer: Ed25519Signer(), policy: policy, policies: shelf,
      ledgers: [SimulationPolicy.bulk, SimulationPolicy.urgent])
  }

  func forgetProcess() {
    sent = [:]
    resume = [:]
    archived = [:]
  }

  /// Seals all that is unsealed.
  package func seal(at now: Int64, _ rng: inout SplitMix64) throws {
    var draw = rng
    let used = try store.writeNow { [replicator] tx in
      _ = try replicator.seal(tx, limit: 1000, at: Moment(now: now), using: &draw)
      return draw
    }
    rng = used
  }

  /// A backup is put back: at its start the node finds its database behind its high-water file, and begins a new incarnation.
  ///
  /// A start that dies before that is done is followed by another: nothing is sent or sealed in between.
  package func restore(_ backup: MemoryState) throws {
    var state = backup
    state.busy = []
    incarnation += 1
    store.replace(with: state)
    do { try begin() } catch is MemoryCrash { try begin() }
  }

  private func begin() throws { try store.writeNow { try beginAnew(incarnation, $0) } }

  /// The record as it is held now.
  package func record(_ ref: RecordRef) -> Record { store.snapshot.records[ref] ?? Record() }
}
