import GRPCCore
import WireProtocol

/// The incoming half of a stream, at either end.
///
/// `@unchecked Sendable`: the iterators are not Sendable, and `PeerChannel.receive` is by its contract called by one
/// task at a time. Two at once is our bug, and exclusive access traps on it.
final class FrameReader: @unchecked Sendable {
  typealias ClientPart = StreamingClientResponse<Huijia_V1_Frame>.Contents.BodyPart
  typealias ServerParts = RPCAsyncSequence<Huijia_V1_Frame, any Error>
  typealias ClientParts = RPCAsyncSequence<ClientPart, any Error>

  private var source: Source

  private enum Source {
    case server(ServerParts.AsyncIterator)
    case client(ClientParts.AsyncIterator)
  }

  init(server frames: ServerParts) { source = .server(frames.makeAsyncIterator()) }

  init(client parts: ClientParts) { source = .client(parts.makeAsyncIterator()) }

  /// The next frame; nil when the other end ended the stream in order.
  func next() async throws -> Huijia_V1_Frame? {
    switch source {
    case .server(var iterator):
      defer { source = .server(iterator) }
      return try await iterator.next()
    case .client(var iterator):
      defer { source = .client(iterator) }
      while let part = try await iterator.next() {
        if case .message(let frame) = part { return frame }
      }
      return nil
    }
  }
}
