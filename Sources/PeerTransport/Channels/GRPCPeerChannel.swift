import FoundationEssentials
import GRPCCore
import PeerLink
import ReplicationCore
import WireProtocol

/// A channel over one gRPC stream. The end that dialled and the end that listened use the same type.
final class GRPCPeerChannel: PeerChannel {
  /// Part of `PeerChannel`: the node that the certificate names.
  let peer: NodeID
  private let maximumFrameBytes: Int
  private let writer: RPCWriter<Huijia_V1_Frame>
  private let reader: FrameReader

  init(
    peer: NodeID, maximumFrameBytes: Int, writer: RPCWriter<Huijia_V1_Frame>, reader: FrameReader
  ) {
    self.peer = peer
    self.maximumFrameBytes = maximumFrameBytes
    self.writer = writer
    self.reader = reader
  }

  /// Part of `PeerChannel`: suspends while the peer's window and the socket are full.
  func send(_ frame: [UInt8]) async throws {
    guard frame.count <= maximumFrameBytes else {
      throw PeerLinkError.frameTooLarge(bytes: frame.count)
    }
    var message = Huijia_V1_Frame()
    message.payload = Data(frame)
    do {
      try await writer.write(message)
    } catch {
      throw PeerLinkError(transport: error, peer: peer, limit: maximumFrameBytes)
    }
  }

  /// Part of `PeerChannel`: the next frame, nil at the end.
  func receive() async throws -> [UInt8]? {
    let message: Huijia_V1_Frame?
    do {
      message = try await reader.next()
    } catch {
      throw PeerLinkError(transport: error, peer: peer, limit: maximumFrameBytes)
    }
    guard let message else { return nil }
    guard message.payload.count <= maximumFrameBytes else {
      throw PeerLinkError.frameTooLarge(bytes: message.payload.count)
    }
    return [UInt8](message.payload)
  }

  /// Reads to the end and forgets what it reads, so that a stream ends in order and is not cut.
  func drain() async {
    do {
      while try await reader.next() != nil {}
    } catch {
      // The stream has ended, if not in order: there is nothing left to wait for.
    }
  }
}
