import NIOCore
import NIOPosix

/// Sits on every link of a lab: passes bytes between children and parents, and breaks links on request.
package struct Forwarder: Sendable {
  private let group: MultiThreadedEventLoopGroup
  private let valves: [String: ForwardingValve]

  /// Serves the links given; nothing is bound yet.
  package init(_ links: [ForwardedLink]) {
    // One loop: both ends of a connection share it, so that neither needs a lock.
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    valves = Dictionary(
      links.map { ($0.name, ForwardingValve($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Binds all links and the control socket. Throws when a port or the socket is taken.
  package func start(control socket: String) async throws {
    for valve in valves.values { try await bind(valve) }
    let server = ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ForwarderControlHandler(self))
        }
      }
    _ = try await server.bind(unixDomainSocketPath: socket, cleanupExistingSocketFile: true).get()
  }

  /// Ends all connections and lets go of all ports.
  package func stop() async {
    try? await group.shutdownGracefully()
  }

  /// The condition of every link.
  package var conditions: [String: LinkCondition] { valves.mapValues(\.condition) }

  /// Breaks or restores a link; false when there is none of this name.
  package func set(_ condition: LinkCondition, of name: String) -> Bool {
    guard let valve = valves[name] else { return false }
    for channel in valve.set(condition) { connectOnward(channel, valve) }
    return true
  }

  private func bind(_ valve: ForwardingValve) async throws {
    let server = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { channel in
        valve.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AcceptingHandler { accept($0, valve) })
        }
      }
    _ = try await server.bind(host: "127.0.0.1", port: valve.link.listen).get()
  }

  private func accept(_ channel: any Channel, _ valve: ForwardingValve) {
    if valve.condition == .reset {
      ForwardingValve.reset(channel)
    } else if !valve.holdBack(channel) {
      connectOnward(channel, valve)
    }
  }

  private func connectOnward(_ accepted: any Channel, _ valve: ForwardingValve) {
    ClientBootstrap(group: accepted.eventLoop)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.autoRead, value: false)
      .connectTimeout(.seconds(5))
      .connect(host: "127.0.0.1", port: valve.link.target)
      .whenComplete { result in
        switch result {
        case .success(let onward):
          valve.add(onward)
          Self.join(accepted, onward, valve)
        case .failure:
          // Nobody listens: the child is to see what it would see without us.
          ForwardingValve.reset(accepted)
        }
      }
  }

  private static func join(
    _ accepted: any Channel, _ onward: any Channel, _ valve: ForwardingValve
  ) {
    let (near, far) = ForwardingHandler.pair(valve)
    do {
      try accepted.pipeline.syncOperations.addHandler(near)
      try onward.pipeline.syncOperations.addHandler(far)
    } catch {
      accepted.close(promise: nil)
      onward.close(promise: nil)
      return
    }
    for channel in [accepted, onward] {
      channel.setOption(.autoRead, value: true).whenSuccess { channel.read() }
    }
    if valve.condition == .reset {
      ForwardingValve.reset(accepted)
      ForwardingValve.reset(onward)
    }
  }
}

/// Waits until an accepted connection is active, then makes room for the handler that forwards it.
private final class AcceptingHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  private let accept: (any Channel) -> Void

  init(_ accept: @escaping (any Channel) -> Void) { self.accept = accept }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    accept(context.channel)
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }
}
