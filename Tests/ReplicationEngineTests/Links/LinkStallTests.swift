import ReplicationCore
import ReplicationEngine
import ReplicationTestKit
import SeededRandom
import Synchronization
import Testing

/// Whatever happened while links came and went: when it is over, no link stands still.
@Suite("No link stands still", .timeLimit(.minutes(5)))
struct LinkStallTests {
  /// Cuts, ends, restores, trims, new documents and slow stores, drawn from a seed.
  private struct Misfortune {
    let tree: FakeTree
    let line: [NodeID]
    var rng: SplitMix64
    var epoch: UInt64 = 1
    var written = 0
    var backups: [NodeID: FakeState] = [:]
    var down: Set<NodeID> = []

    init(seed: UInt64) throws {
      line = [try Place.county, try Place.town, try Place.village]
      rng = SplitMix64(seed: seed)
      tree = FakeTree {
        $0.link.parcelBytes = 120
        $0.link.parcelEntries = 5
        $0.link.windowBytes = 400
        $0.link.transactionParcels = 2
      }
      for id in line {
        tree.store(id).edit { $0.documents = Self.documents(1) }
        start(id)
      }
      // Every so often a frame finds its channel gone.
      for id in line.dropFirst() {
        let odd = UInt64.random(in: 7...40, using: &rng)
        tree.network.faults(of: id).set { _, number, _ in
          UInt64(number) % odd == odd / 2 ? .cut : .deliver
        }
      }
    }

    private static func documents(_ epoch: UInt64) -> [SignedDocument] {
      [FakeDocuments.document(.catalog), FakeDocuments.document(.policy, epoch: epoch)]
    }

    private func start(_ id: NodeID) {
      tree.start(id, parent: line.firstIndex(of: id).flatMap { $0 > 0 ? line[$0 - 1] : nil })
    }

    private mutating func end(_ id: NodeID) async throws {
      if rng.chance(0.5) { try await tree.kill(id) } else { try await tree.stop(id) }
    }

    mutating func strike() async throws {
      let id = line[Int.random(in: 0..<line.count, using: &rng)]
      let store = tree.store(id)
      switch Int.random(in: 0..<10, using: &rng) {
      case 0, 1, 2:
        let count = Int.random(in: 1...30, using: &rng)
        let keys = (written..<written + count).map { "k\($0)" }
        written += count
        tree.write(id, keys, lane: rng.chance(0.7) ? .bulk : .urgent)
      case 3: tree.network.cut(id)
      case 4: tree.network.heal(id)
      case 5:
        if down.remove(id) != nil { start(id) } else { try await end(id); down.insert(id) }
      case 6: backups[id] = store.state
      case 7:
        guard let backup = backups[id] else { return }
        if !down.contains(id) { try await end(id) }
        try restore(backup, of: id)
        start(id)
        down.remove(id)
      case 8:
        epoch += 1
        let documents = Self.documents(epoch)
        tree.store(line[0]).edit { $0.documents = documents }
        if down.contains(line[0]) { return }
        try await tree.service(line[0]).adopt(stored: documents)
      default:
        let slow = rng.chance(0.5)
        store.delay.withLock { $0 = slow ? .milliseconds(20) : .zero }
        store.answerDelay.withLock { $0 = slow ? .milliseconds(30) : .zero }
        // The feed forgets more than the links have acknowledged.
        store.edit { state in
          let kept = state.feed[.bulk]?.suffix(10) ?? []
          state.firstKept[.bulk, default: 1] += UInt64((state.feed[.bulk]?.count ?? 0) - kept.count)
          state.feed[.bulk] = Array(kept)
        }
      }
    }

    /// Puts a backup back as a node's start does that finds its high-water file ahead.
    private mutating func restore(_ backup: FakeState, of id: NodeID) throws {
      let used = try FakeTransaction(tree.store(id).state).chain(.bulk).incarnation
      let tx = FakeTransaction(backup)
      try beginAnew(used + 1, tx)
      tree.store(id).edit { $0 = tx.state }
    }

    /// All is well again: links pass, stores are quick, everybody is up.
    mutating func end() {
      for id in line {
        tree.network.faults(of: id).set(nil)
        tree.network.heal(id)
        tree.store(id).delay.withLock { $0 = .zero }
        tree.store(id).answerDelay.withLock { $0 = .zero }
        if down.remove(id) != nil { start(id) }
      }
    }
  }

  @Test("after any misfortune every link is live and says all", arguments: UInt64(1)...12)
  func comesLive(seed: UInt64) async throws {
    var misfortune = try Misfortune(seed: seed)
    let (tree, line) = (misfortune.tree, misfortune.line)
    for _ in 0..<30 {
      try await misfortune.strike()
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...40, using: &misfortune.rng)))
    }
    misfortune.end()
    var seen: [LinkStatus] = []
    let isLive = await eventually(within: .seconds(20)) {
      seen = []
      for id in line { seen += (try? await tree.service(id).linkStatuses()) ?? [] }
      let states = line.map { tree.store($0).state }
      return seen.count == 4 && seen.allSatisfy { $0.state == .live && $0.toSend == 0 }
        && states.allSatisfy { $0.captured.isEmpty && $0.held.count == states[0].held.count }
    }
    #expect(isLive, "seed \(seed): \(seen), \(line.map { tree.held($0).count }) held")
    await tree.end()
  }
}
