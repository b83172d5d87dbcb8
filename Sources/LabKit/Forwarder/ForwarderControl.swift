import DaemonKit
import NIOCore

/// Answers the lab's commands, a line each: `list`, or `open|reset|silent LINK`.
final class ForwarderControlHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let forwarder: Forwarder
  private var line: [UInt8] = []

  init(_ forwarder: Forwarder) { self.forwarder = forwarder }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    for byte in bytes.readableBytesView {
      if byte != UInt8(ascii: "\n") {
        line.append(byte)
        continue
      }
      let answer = self.answer(to: String(decoding: line, as: UTF8.self))
      line = []
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(string: answer.serialised + "\n")), promise: nil)
    }
    // No command is that long.
    if line.count > 1_024 { context.close(promise: nil) }
  }

  private func answer(to command: String) -> JSON {
    let words = command.split(separator: " ").map(String.init)
    if words == ["list"] {
      return .object(
        forwarder.conditions.sorted { $0.key < $1.key }
          .map { JSON.Member($0.key, .string($0.value.rawValue)) })
    }
    guard words.count == 2, let condition = LinkCondition(rawValue: words[0]),
      forwarder.set(condition, of: words[1])
    else { return ["error": "unknown command or link"] }
    return ["done": true]
  }
}
