import ReplicationCore
import Synchronization

extension LinkSession {
  /// The link as it stands; bytes are those of this session.
  package func status(now: Int64) -> LinkStatus {
    live.withLock { live in
      var status = LinkStatus(
        peer: peer, role: role, loop: LinkLoop(context.node, peer), state: .connecting)
      status.receivedAt = live.receivedAt
      status.sentBytes = live.sentBytes
      status.receivedBytes = live.receivedBytes
      guard let machine = live.machine else { return status }
      for lane in Lane.allCases {
        let out = machine[out: lane]
        let sent = min(out.next, out.head)
        status.toSend += out.head - max(sent, min(out.acknowledged, out.head))
        status.unacknowledged += max(sent, out.acknowledged) - out.acknowledged
        if out.isCatchingUp, out.inFlightCount > 0 || out.mode != .feed {
          status.unacknowledged += UInt64(out.inFlightCount)
        }
      }
      if var progress = machine.catchUpProgress {
        progress.rate = live.pace.rate(progress.done, now: now)
        status.catchUp = progress
      }
      status.behindSeconds = live.marks.behind(now: now)
      guard live.isReady, live.end == nil else { return status }
      status.state = machine.isCatchingUp ? .catchingUp : .live
      if machine.policyEpoch == 0 {
        status.reason = "no policy yet: no data flows until one comes from the parent"
      } else if machine.peerPolicyEpoch == 0 {
        status.reason = "\(peer) has no policy yet: no data flows"
      }
      return status
    }
  }

  /// Whether the link is ending.
  var hasEnded: Bool { live.withLock { $0.end != nil } }

  /// Bytes of parcels that the peer has not acknowledged, both lanes.
  var unacknowledgedBytes: UInt64 {
    live.withLock { live in
      guard let machine = live.machine else { return 0 }
      return Lane.allCases.reduce(0) { $0 + UInt64(machine[out: $1].unacknowledgedBytes) }
    }
  }
}

extension LinkSession.Live {
  /// Takes note of how far a catch-up has come.
  mutating func notePace(now: Int64) {
    if let progress = machine?.catchUpProgress { pace.note(progress.done, now: now) }
  }
}

extension LinkMachine {
  /// Records of a catch-up, both lanes; what is received counts before what is sent. Nil when there is none.
  var catchUpProgress: LinkStatus.Progress? {
    let isReceiving = Lane.allCases.contains { self[in: $0].isCatchingUp }
    let isSending = Lane.allCases.contains { self[out: $0].isCatchingUp }
    guard isReceiving || isSending else { return nil }
    var progress = LinkStatus.Progress(done: 0, total: 0)
    for lane in Lane.allCases {
      progress.done += isReceiving ? self[in: lane].done : self[out: lane].done
      progress.total += isReceiving ? self[in: lane].total : self[out: lane].total
    }
    return progress
  }
}
