import ReplicationCore
import Synchronization

extension NodeService {
  /// Seals whenever woken, until nothing is left; writes that come meanwhile are taken together by the next transaction.
  func seal() async throws {
    while true {
      try await sealWake.wait()
      do {
        while try await sealOnce() {}
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        log(.sealFailed("\(error)"))
      }
    }
  }

  /// Seals what was written until now, under the rules of now; a bound keeps a stream of new writes from holding it up for ever.
  func sealAll() async throws {
    for _ in 0..<settings.sealPasses { guard try await sealOnce() else { return } }
  }

  /// Seals one batch a lane; whether there may be more.
  private func sealOnce() async throws -> Bool {
    try Task.checkCancellation()
    guard state.withLock({ $0.sealing == .granted && $0.engine != nil }) else { return false }
    let limit = settings.sealRows
    let moment = self.moment
    let (outcome, heads, mark) = try await store.write { [self] tx in
      guard let engine else { return (SealOutcome(), try FeedHeads(in: tx), try HighWater(in: tx)) }
      let outcome = try engine.seal(limit: limit, at: moment, in: tx)
      return (outcome, try FeedHeads(in: tx), try HighWater(in: tx))
    }
    // Told also when nothing was taken: a transaction whose answer was lost with its connection grew the feed unseen.
    feedGrew(heads)
    guard outcome.taken > 0 else { return outcome.mayLeaveMore }
    // Beside the senders, who read and project meanwhile and wait for it before anything leaves.
    try await keeper.secure(mark)
    return outcome.mayLeaveMore
  }

  /// Tries parked items again.
  func retryParked() async {
    // A parked change may be answered by one of this node's own.
    guard sealingRight == .granted, engine != nil else { return }
    let limit = settings.parkedLimit
    let moment = self.moment
    do {
      let isAny = try await store.read { try !$0.parked(of: nil, limit: 1).isEmpty }
      guard isAny else { return }
      let heads = try await store.write { [self] tx in
        _ = try engine?.retryParked(limit: limit, at: moment, in: tx)
        return try FeedHeads(in: tx)
      }
      feedGrew(heads)
    } catch {
      log(.retryFailed("\(error)"))
    }
  }

  /// Trims whenever woken: now and then, and soon after what a withdrawal took may be erased.
  func trimWhenWoken() async throws {
    while true {
      try await trimWake.wait()
      await trim()
      try await clock.sleep(for: settings.trimPause)
    }
  }

  /// Forgets what every link has acknowledged.
  func trim() async {
    guard let engine else { return }
    let rows = settings.keptArrivals
    let since = now() - settings.arrivalAge.components.seconds * 1_000_000
    let alarmsSince = now() - AlarmLimits.age
    do {
      try await store.write { tx in
        try engine.trim(in: tx)
        try tx.trimArrivals(keeping: rows, since: since)
        try tx.trimAlarms(before: alarmsSince)
      }
    } catch {
      log(.trimFailed("\(error)"))
    }
  }

  /// Forgets receipts of hand-overs that no child can be expected to ask about any more.
  func trimReceipts() async {
    let before = now() - settings.receiptAge.components.seconds * 1_000_000
    do {
      try await store.write { try $0.trimReceipts(before: before) }
    } catch {
      log(.trimFailed("\(error)"))
    }
  }

  /// All links, by peer: live ones from their sessions, the others with what the store says is still to be sent.
  package func linkStatuses() async throws -> [LinkStatus] {
    var all = board.statuses(now: now())
    let idle = all.indices.filter { all[$0].state != .live && all[$0].state != .catchingUp }
    guard !idle.isEmpty else { return all }
    let peers = idle.map { all[$0].peer }
    let waiting = try await store.read { tx -> [UInt64] in
      let heads = try FeedHeads(in: tx)
      return try peers.map { peer in
        let link = try tx.link(peer)
        let bulk = heads.bulk - min(heads.bulk, link.bulk.acknowledged)
        return bulk + heads.urgent - min(heads.urgent, link.urgent.acknowledged)
      }
    }
    for (index, count) in zip(idle, waiting) {
      all[index].toSend = count
      all[index].unacknowledged = 0
      if count == 0 { all[index].behindSeconds = 0 }
    }
    return all
  }
}
