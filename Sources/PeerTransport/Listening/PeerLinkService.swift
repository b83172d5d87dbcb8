import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NodeIdentity
import PeerLink
import ReplicationCore
import WireProtocol
import X509

/// The listening end of the `PeerLink` service: hands each stream on as a channel.
struct PeerLinkService: Huijia_V1_PeerLink.ServiceProtocol {
  let maximumFrameBytes: Int
  let body: @Sendable (any PeerChannel) async -> Void

  /// One stream, from its first answer to its end.
  func exchange(
    request: StreamingServerRequest<Huijia_V1_Frame>, context: ServerContext
  ) async throws -> StreamingServerResponse<Huijia_V1_Frame> {
    let peer = try Self.peer(of: context)
    let reader = FrameReader(server: request.messages)
    // The answer's metadata leaves at once: by it the child knows that the channel is open.
    return StreamingServerResponse(of: Huijia_V1_Frame.self) { writer in
      await body(
        GRPCPeerChannel(
          peer: peer, maximumFrameBytes: maximumFrameBytes, writer: writer, reader: reader))
      return [:]
    }
  }

  /// The node whose certificate the handshake checked. Only a chain that went through our own check counts.
  private static func peer(of context: ServerContext) throws -> NodeID {
    guard
      let specific = context.transportSpecific as? HTTP2ServerTransport.Posix.Context,
      let leaf = specific.peerCertificateChain?.leaf,
      case .node(let node)? = try? leaf.identityName()
    else {
      throw RPCError(code: .unauthenticated, message: "no node certificate was checked")
    }
    return node
  }
}
