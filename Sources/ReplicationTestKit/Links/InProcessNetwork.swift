package import PeerLink
package import ReplicationCore
import Synchronization

/// Links between nodes of one process: the second implementation of `PeerLink`.
package final class InProcessNetwork: Sendable {
  private struct State {
    var listeners: [NodeID: InProcessListener] = [:]
    var faults: [NodeID: FrameFaults] = [:]
    var channels: [NodeID: InProcessChannel] = [:]
    var cut: Set<NodeID> = []
  }
  private let state = Mutex(State())

  package init() {}

  /// The listener of a node.
  package func listener(of node: NodeID) -> any PeerListener {
    state.withLock { state in
      if let listener = state.listeners[node] { return listener }
      let listener = InProcessListener()
      state.listeners[node] = listener
      return listener
    }
  }

  /// The dialer of a child.
  package func dialer(of child: NodeID, to parent: NodeID) -> any PeerDialer {
    InProcessDialer(network: self, child: child, parent: parent)
  }

  /// The faults on the link of a child.
  package func faults(of child: NodeID) -> FrameFaults {
    state.withLock { state in
      if let faults = state.faults[child] { return faults }
      let faults = FrameFaults()
      state.faults[child] = faults
      return faults
    }
  }

  /// Breaks a child's link and keeps it broken.
  package func cut(_ child: NodeID) {
    state.withLock { state in
      state.cut.insert(child)
      return state.channels.removeValue(forKey: child)
    }?.cut("the link is cut")
  }

  /// Lets a child dial again.
  package func heal(_ child: NodeID) { _ = state.withLock { $0.cut.remove(child) } }

  fileprivate func connect(
    _ child: NodeID, _ parent: NodeID
  ) throws -> (channel: InProcessChannel, remote: InProcessChannel, listener: InProcessListener) {
    let faults = faults(of: child)
    return try state.withLock { state in
      guard !state.cut.contains(child), let listener = state.listeners[parent] else {
        throw PeerLinkError.unreachable("nobody answers at \(parent)")
      }
      let pair = InProcessChannel.pair(child: child, parent: parent, faults: faults)
      state.channels[child] = pair.child
      return (pair.child, pair.parent, listener)
    }
  }
}

/// Dials within the process.
private struct InProcessDialer: PeerDialer {
  let network: InProcessNetwork
  let child: NodeID
  let parent: NodeID

  func connect(_ body: @escaping @Sendable (any PeerChannel) async throws -> Void) async throws {
    let (channel, remote, listener) = try network.connect(child, parent)
    guard listener.offer(remote) else {
      throw PeerLinkError.unreachable("\(parent) does not accept")
    }
    defer { channel.close() }
    try await body(channel)
  }
}

/// Accepts within the process.
final class InProcessListener: PeerListener, Sendable {
  private struct State {
    var accepted: AsyncStream<InProcessChannel>.Continuation?
  }
  private let state = Mutex(State())

  func offer(_ channel: InProcessChannel) -> Bool {
    guard let accepted = state.withLock({ $0.accepted }) else { return false }
    accepted.yield(channel)
    return true
  }

  func run(_ body: @escaping @Sendable (any PeerChannel) async -> Void) async throws {
    let (channels, accepted) = AsyncStream.makeStream(of: InProcessChannel.self)
    state.withLock { $0.accepted = accepted }
    defer { state.withLock { $0.accepted = nil } }
    await withDiscardingTaskGroup { group in
      for await channel in channels {
        group.addTask {
          await body(channel)
          channel.close()
        }
      }
      group.cancelAll()
    }
    try Task.checkCancellation()
  }
}
