import NIOCore

/// Closes a connection on which nothing arrives any more.
///
/// Both ends ping, so a living peer is never silent for long. The gRPC server answers a missed ping by asking the
/// peer to leave and then waits for its answer, which never comes when packets vanish; and a close that goes
/// through TLS waits for the peer's goodbye. This one sits below TLS and just closes.
final class SilenceWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// Part of `ChannelInboundHandler`: takes the idle event from the handler below.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case IdleStateHandler.IdleStateEvent.read = event {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }
}

extension TransportSettings {
  /// Puts the watch below everything else in a new connection's pipeline. It also bounds a handshake that stalls.
  func watch(_ channel: any Channel) -> EventLoopFuture<Void> {
    let limit = TimeAmount(pingInterval + pingTimeout)
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandlers(
        [IdleStateHandler(readTimeout: limit), SilenceWatch()], position: .first)
    }
  }
}
