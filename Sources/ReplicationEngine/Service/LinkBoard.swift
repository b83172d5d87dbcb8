package import ReplicationCore
import Synchronization

/// What is known of each peer, with or without a live session.
package final class LinkBoard: Sendable {
  private struct Peer: Sendable {
    var role: LinkRole
    var session: LinkSession?
    /// Counts sessions: the end of an older one must not clear a newer.
    var generation = 0
    var isPaused = false
    var end: LinkEnd?
    var receivedAt: Int64?
    var sentBytes: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var lastProgress: Int64?
    var verifiedAt: Int64?
    var comparison: LinkComparison?
    /// Refusals that are in the quarantine already.
    var recorded: Set<LinkRefusal> = []
    /// What a child may still send in this minute; nil: it has sent nothing yet.
    var allowance: IntakeAllowance?
  }

  private static let recordedLimit = 64
  private let node: NodeID
  private let peers = Mutex<[NodeID: Peer]>([:])

  package init(node: NodeID) { self.node = node }

  /// Makes a peer known: it shows in `status` before it was ever reached.
  package func know(_ peer: NodeID, role: LinkRole) {
    peers.withLock { if $0[peer] == nil { $0[peer] = Peer(role: role) } }
  }

  /// Puts a session in place; returns its number and the session that it takes the place of.
  func begin(_ session: LinkSession) -> (generation: Int, replaced: LinkSession?) {
    peers.withLock { peers in
      var peer = peers[session.peer] ?? Peer(role: session.role)
      let replaced = peer.session
      peer.session = session
      peer.generation += 1
      peers[session.peer] = peer
      return (peer.generation, replaced)
    }
  }

  /// A session has ended.
  func end(_ session: LinkSession, generation: Int, _ end: LinkEnd, now: Int64) {
    let last = session.status(now: now)
    peers.withLock { peers in
      guard var peer = peers[session.peer] else { return }
      peer.receivedAt = last.receivedAt ?? peer.receivedAt
      peer.sentBytes += last.sentBytes
      peer.receivedBytes += last.receivedBytes
      if peer.generation == generation {
        peer.session = nil
        peer.end = end
        if last.behindSeconds == 0 { peer.lastProgress = now }
      }
      peers[session.peer] = peer
    }
  }

  /// A dial did not succeed.
  func failed(_ peer: NodeID, _ end: LinkEnd) {
    peers.withLock { if $0[peer]?.session == nil { $0[peer]?.end = end } }
  }

  /// The two ends of a link were compared; whether the outcome is another than the last time.
  @discardableResult
  func compared(_ peer: NodeID, _ comparison: LinkComparison, now: Int64) -> Bool {
    peers.withLock { peers in
      defer {
        peers[peer]?.comparison = comparison
        peers[peer]?.verifiedAt = now
      }
      return peers[peer]?.comparison != comparison
    }
  }

  /// The session with a peer; nil when there is none.
  func session(with peer: NodeID) -> LinkSession? { peers.withLock { $0[peer]?.session } }

  /// All peers that are known.
  package var knownPeers: [NodeID] { peers.withLock { $0.keys.sorted() } }

  /// The live sessions.
  var sessions: [LinkSession] { peers.withLock { $0.values.compactMap(\.session) } }

  /// Bytes of parcels that no peer has acknowledged, all links and lanes.
  package var unacknowledgedBytes: UInt64 {
    sessions.reduce(0) { $0 + $1.unacknowledgedBytes }
  }

  /// Whether an operator holds the link.
  package func isPaused(_ peer: NodeID) -> Bool {
    peers.withLock { $0[peer]?.isPaused ?? false }
  }

  /// Holds a link or lets it go on; false when the peer is not known.
  func setPaused(_ isPaused: Bool, _ peer: NodeID) -> Bool {
    let session = peers.withLock { peers -> LinkSession?? in
      guard peers[peer] != nil else { return nil }
      peers[peer]?.isPaused = isPaused
      return .some(isPaused ? peers[peer]?.session : nil)
    }
    guard let session else { return false }
    session?.stop(Bye(code: "paused", hint: "an operator of \(node) holds the link"))
    return true
  }

  /// Takes a parcel off what a child may send; throws `flood` when that is used up.
  func admit(
    _ weight: ParcelWeight, from peer: NodeID, limits: IntakeLimits, now: Int64
  ) throws(LinkRefusal) {
    try peers.withLock { peers throws(LinkRefusal) in
      var allowance = peers[peer]?.allowance ?? IntakeAllowance(limits, now: now)
      defer { peers[peer]?.allowance = allowance }
      try allowance.take(weight, now: now)
    }
  }

  /// Whether a refusal is to be put into the quarantine: once for each peer, kind and place.
  func shouldRecord(_ refusal: LinkRefusal, from peer: NodeID) -> Bool {
    peers.withLock { peers in
      guard let known = peers[peer], known.recorded.count < Self.recordedLimit else {
        return false
      }
      return peers[peer]?.recorded.insert(refusal).inserted ?? false
    }
  }

  /// All links, by peer. Those without a session lack what only the store knows.
  package func statuses(now: Int64) -> [LinkStatus] {
    let all = peers.withLock { $0 }
    return all.keys.sorted().compactMap { id in
      guard let peer = all[id] else { return nil }
      var status = LinkStatus(
        peer: id, role: peer.role, loop: LinkLoop(node, id), state: .connecting)
      if let session = peer.session { status = session.status(now: now) }
      status.receivedAt = status.receivedAt ?? peer.receivedAt
      status.verifiedAt = peer.verifiedAt
      status.comparison = peer.comparison
      status.sentBytes += peer.sentBytes
      status.receivedBytes += peer.receivedBytes
      guard status.state == .connecting else { return status }
      status.reason = peer.end?.reason ?? "not reached yet"
      if peer.end?.isRefusal == true { status.state = .refused }
      if peer.isPaused {
        status.state = .paused
        status.reason = "held by an operator; `huijiactl resume \(id)` lets it go on"
      }
      if peer.session == nil, let since = peer.lastProgress {
        status.behindSeconds = Double(max(0, now - since)) / 1_000_000
      }
      return status
    }
  }
}
