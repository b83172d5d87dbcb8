import NIOCore

/// One end of a forwarded connection: what it reads, the other end writes. It reads only while the other end can write and the link is open.
///
/// Both ends run on one event loop.
final class ForwardingHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let valve: ForwardingValve
  private var other: ForwardingHandler?
  private var context: ChannelHandlerContext?
  private var wantsToRead = false
  private var hasEnded = false
  /// What a read brought that was under way when the link fell silent.
  private var held: [ByteBuffer] = []

  private init(_ valve: ForwardingValve) { self.valve = valve }

  /// The two ends of one connection.
  static func pair(_ valve: ForwardingValve) -> (ForwardingHandler, ForwardingHandler) {
    let (one, two) = (ForwardingHandler(valve), ForwardingHandler(valve))
    one.other = two
    two.other = one
    return (one, two)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    other = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if valve.condition == .silent {
      held.append(bytes)
    } else {
      other?.context?.write(NIOAny(bytes), promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    other?.context?.flush()
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    let canPass = other?.context?.channel.isWritable ?? false
    if canPass, valve.condition == .open {
      context.read()
    } else {
      wantsToRead = true
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { other?.readIfWanted() }
    context.fireChannelWritabilityChanged()
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard event is ValveOpened else {
      context.triggerUserOutboundEvent(event, promise: promise)
      return
    }
    promise?.succeed()
    for bytes in held { other?.context?.writeAndFlush(NIOAny(bytes), promise: nil) }
    held = []
    if hasEnded { other?.end() }
    readIfWanted()
  }

  func channelInactive(context: ChannelHandlerContext) {
    hasEnded = true
    // While packets vanish, the other end cannot learn of it either.
    if valve.condition != .silent { other?.end() }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func readIfWanted() {
    guard wantsToRead, let context, valve.condition == .open else { return }
    wantsToRead = false
    context.read()
  }

  private func end() {
    guard let context else { return }
    // On a cut link the first end to go must not give the other an orderly end.
    if valve.condition == .reset {
      ForwardingValve.reset(context.channel)
    } else {
      context.close(promise: nil)
    }
  }
}
