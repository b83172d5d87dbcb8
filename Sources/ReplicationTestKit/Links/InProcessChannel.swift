import PeerLink
package import ReplicationCore
import Synchronization

/// One end of an in-process channel.
package final class InProcessChannel: PeerChannel, Sendable {
  package let peer: NodeID
  private let incoming: InProcessPipe
  private let outgoing: InProcessPipe
  private let direction: FrameDirection
  private let faults: FrameFaults

  private init(
    peer: NodeID, incoming: InProcessPipe, outgoing: InProcessPipe, direction: FrameDirection,
    faults: FrameFaults
  ) {
    self.peer = peer
    self.incoming = incoming
    self.outgoing = outgoing
    self.direction = direction
    self.faults = faults
  }

  /// A channel between a child and its parent: both ends.
  package static func pair(
    child: NodeID, parent: NodeID, faults: FrameFaults = FrameFaults()
  ) -> (child: InProcessChannel, parent: InProcessChannel) {
    let up = InProcessPipe()
    let down = InProcessPipe()
    return (
      InProcessChannel(
        peer: parent, incoming: down, outgoing: up, direction: .up, faults: faults),
      InProcessChannel(
        peer: child, incoming: up, outgoing: down, direction: .down, faults: faults)
    )
  }

  package func send(_ frame: [UInt8]) async throws {
    switch faults.judge(direction, frame) {
    case .deliver: try await outgoing.send(frame)
    case .replace(let frames): for frame in frames { try await outgoing.push(frame) }
    case .cut:
      cut("cut by the test")
      throw PeerLinkError.unreachable("cut by the test")
    }
  }

  package func receive() async throws -> [UInt8]? { try await incoming.receive() }

  /// Ends both directions in order.
  package func close() {
    outgoing.close()
    incoming.close()
  }

  /// Breaks both directions.
  package func cut(_ reason: String) {
    outgoing.cut(reason)
    incoming.cut(reason)
  }
}

/// Which way a frame goes.
package enum FrameDirection: Sendable, Hashable {
  /// From the child to the parent.
  case up
  case down
}

/// What happens to a frame on the way.
package enum FrameFate: Sendable {
  case deliver
  /// Others come in its place; none: it is lost.
  case replace([[UInt8]])
  /// The channel breaks before it.
  case cut
}

/// Decides the fate of every frame on a link; delivers all by default.
package final class FrameFaults: Sendable {
  /// The rule: direction, the frame's number on this link from 1 (both directions count), the frame.
  package typealias Rule = @Sendable (FrameDirection, Int, [UInt8]) -> FrameFate

  private struct State {
    var count = 0
    var rule: Rule?
  }
  private let state = Mutex(State())

  package init(_ rule: Rule? = nil) { state.withLock { $0.rule = rule } }

  /// Frames so far.
  package var count: Int { state.withLock { $0.count } }

  /// Puts another rule in place; nil: deliver all.
  package func set(_ rule: Rule?) { state.withLock { $0.rule = rule } }

  /// The fate of the next frame.
  package func judge(_ direction: FrameDirection, _ frame: [UInt8]) -> FrameFate {
    let (rule, count) = state.withLock { state in
      state.count += 1
      return (state.rule, state.count)
    }
    return rule?(direction, count, frame) ?? .deliver
  }
}
