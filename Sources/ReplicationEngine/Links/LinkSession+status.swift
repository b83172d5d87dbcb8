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
        guard out.isCatchingUp || machine[in: lane].isCatchingUp else { continue }
        let side = machine[in: lane].isCatchingUp
        var progress = status.catchUp ?? LinkStatus.Progress(done: 0, total: 0)
        progress.done += side ? machine[in: lane].done : out.done
        progress.total += side ? machine[in: lane].total : out.total
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

  /// Bytes of parcels that the peer has not acknowledged, both lanes.
  var unacknowledgedBytes: UInt64 {
    live.withLock { live in
      guard let machine = live.machine else { return 0 }
      return Lane.allCases.reduce(0) { $0 + UInt64(machine[out: $1].unacknowledgedBytes) }
    }
  }
}
