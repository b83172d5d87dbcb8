import Glibc
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Writes the caller's user id, as the kernel says it, into the headers of each call, and removes what the caller
/// claims: gRPC hands a service the headers, but not the connection.
final class CallerStamp: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  /// The header; nothing outside the daemon can set it.
  static let header = "huijia-user"

  private let user: UInt32?

  init(user: UInt32?) { self.user = user }

  /// Part of `ChannelInboundHandler`: stamps headers, passes everything else.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var payload = unwrapInboundIn(data)
    if case .headers(var content) = payload {
      content.headers.remove(name: Self.header)
      if let user { content.headers.add(name: Self.header, value: String(user)) }
      payload = .headers(content)
    }
    context.fireChannelRead(wrapInboundOut(payload))
  }

  /// Puts a stamp before everything else of a new call's pipeline.
  static func add(to stream: any Channel) -> EventLoopFuture<Void> {
    guard let socket = stream.parent as? any SocketOptionProvider else {
      return stamp(stream, user: nil)
    }
    let credentials: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    return credentials.map { UInt32?.some($0.user) }.recover { _ in UInt32?.none }
      .flatMap { stamp(stream, user: $0) }
  }

  private static func stamp(_ stream: any Channel, user: UInt32?) -> EventLoopFuture<Void> {
    stream.eventLoop.makeCompletedFuture {
      try stream.pipeline.syncOperations.addHandler(CallerStamp(user: user), position: .first)
    }
  }
}

/// `struct ucred` (unix(7)), which the C library shows only to programs that ask for its extensions.
private struct PeerCredentials {
  let process: Int32
  let user: UInt32
  let group: UInt32
}
