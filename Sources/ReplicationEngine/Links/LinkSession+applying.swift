import ReplicationCore
import Synchronization

extension LinkSession {
  /// What one transaction does.
  private struct Work: Sendable {
    var parcels: [OpenedParcel] = []
    var acknowledged: [PendingAcknowledgement] = []
  }

  /// Applies parcels, several small ones in one transaction, and acknowledges them after the commit.
  func apply() async {
    while live.withLock({ $0.end?.isFault != true }) {
      guard let work = takeWork() else {
        idleWake.signal()
        do { try await applyWake.wait() } catch { return }
        if live.withLock({ $0.end != nil && $0.parcels.isEmpty }) { return }
        continue
      }
      do {
        try await perform(work)
      } catch let refusal as LinkRefusal {
        finish(.refused(refusal))
      } catch {
        finish(.storeFailed("\(error)"))
      }
      live.withLock { $0.isApplying = false }
      sendWake.signal()
    }
    idleWake.signal()
  }

  /// The next transaction's work; nil when there is none yet.
  private func takeWork() -> Work? {
    let settings = context.settings
    let taken = live.withLock { live -> (Work?, waits: Bool) in
      var work = Work()
      var bytes = 0
      var count = 0
      for parcel in live.parcels {
        bytes += parcel.bytes
        let isWithin = bytes <= settings.transactionBytes && count < settings.transactionParcels
        guard count == 0 || isWithin else { break }
        count += 1
      }
      work.parcels = Array(live.parcels[..<count])
      live.parcels.removeFirst(count)
      live.parcelsTaken += UInt64(count)
      let due = live.acknowledged.prefix { $0.behind <= live.parcelsTaken }
      let isUrgent = due.contains { !$0.archive.isEmpty }
      if count > 0 || isUrgent || (live.mayAcknowledge && !due.isEmpty) {
        work.acknowledged = Array(due)
        live.acknowledged.removeFirst(due.count)
        if !work.acknowledged.isEmpty { live.mayAcknowledge = false }
        live.isApplying = true
        return (work, waits: false)
      }
      return (nil, waits: !live.acknowledged.isEmpty)
    }
    if taken.waits || taken.0?.acknowledged.isEmpty == false { acknowledgementWake.signal() }
    return taken.0
  }

  private func perform(_ work: Work) async throws {
    do {
      try await commit(work)
    } catch let refusal as LinkRefusal {
      // One of several is at fault: those before it are good.
      guard work.parcels.count > 1 else { throw refusal }
      for parcel in work.parcels { try await commit(Work(parcels: [parcel])) }
      if !work.acknowledged.isEmpty { try await commit(Work(acknowledged: work.acknowledged)) }
    }
  }

  private func commit(_ work: Work) async throws {
    let peer = self.peer
    let events = context.events
    let moment = events.moment
    let parcels = work.parcels.joinedWherePossible()
    let (heads, leavesValues) = try await context.store.write { tx in
      // Asked for here: a policy may have been adopted while this transaction waited for its turn.
      guard let engine = events.engine else {
        throw LinkRefusal(.noPolicy, "data before this node has a policy")
      }
      for parcel in parcels {
        try engine.receive(parcel, from: peer, at: moment, in: tx)
      }
      for pending in work.acknowledged {
        try engine.acknowledged(
          by: peer, lane: pending.lane, next: pending.next, archive: pending.archive, in: tx)
      }
      return (try FeedHeads(in: tx), try !work.acknowledged.isEmpty && tx.namesWhatLeft)
    }
    if leavesValues { events.mayErase() }
    keys.committed(work.parcels.flatMap(\.verified.parcel.signers))
    acknowledge(work.parcels)
    if !work.parcels.isEmpty { context.events.feedGrew(heads) }
  }

  /// Queues one acknowledgement a lane: the last position stands for all before it.
  private func acknowledge(_ parcels: [OpenedParcel]) {
    guard !parcels.isEmpty else { return }
    live.withLock { live in
      for lane in [Lane.urgent, .bulk] {
        let ofLane = parcels.filter { $0.lane == lane }
        guard let last = ofLane.last else { continue }
        live.machine?.acknowledging(lane, bytes: ofLane.reduce(0) { $0 + $1.bytes })
        let count = UInt64(ofLane.count)
        let frame: Frame =
          switch last.span {
          case .feed(_, let next): .acknowledgement(lane: lane, parcels: count, next: next)
          case .catchUp(let start, let ref, _, _, let isComplete):
            if let ref, !isComplete {
              .catchUpAcknowledgement(lane: lane, parcels: count, last: ref)
            } else {
              .acknowledgement(lane: lane, parcels: count, next: start)
            }
          }
        // The last words come last: an acknowledgement goes before them.
        let at = live.end == nil ? live.frames.endIndex : live.frames.startIndex
        live.frames.insert(frame.encoded(), at: at)
      }
    }
    sendWake.signal()
  }

  /// Lets acknowledgements become durable at most once in a while when nothing else is written.
  func paceAcknowledgements() async {
    do {
      while true {
        try await acknowledgementWake.wait()
        try await context.clock.sleep(for: context.settings.acknowledgementDelay)
        live.withLock { $0.mayAcknowledge = true }
        applyWake.signal()
      }
    } catch { return }
  }
}

extension LinkEnd {
  /// Whether what was received and not yet applied is left alone.
  var isFault: Bool {
    switch self {
    case .closed, .stopped: false
    case .refused, .refusedByPeer, .broken, .untrusted, .certificateRefused, .storeFailed: true
    }
  }
}

extension StoreTransaction {
  /// Whether the feed still names values that a withdrawal took: they are erased with the entries, when all links have acknowledged these.
  fileprivate var namesWhatLeft: Bool {
    get throws {
      try Lane.allCases.contains { try settledFrom($0) > feedBounds($0).lowerBound }
    }
  }
}
