import GRPCCore
import GRPCNIOTransportCore
import GRPCNIOTransportHTTP2Posix
import NIOPosix
package import PeerLink
import ReplicationCore
import WireProtocol

/// Accepts a node's children over gRPC and mutual TLS.
package final class GRPCPeerListener: PeerListener {
  private let address: PeerAddress
  private let maximumFrameBytes: Int
  private let transport: HTTP2ServerTransport.Posix

  /// Prepares to listen at `address`; nothing is bound before `run`. `time` is what certificates are judged by
  /// (microseconds since 1970, UTC), usually `TrustedTime.now`. `refused` is told why a handshake was refused, on the
  /// connection's own thread: to be logged and shown, since the other end learns only that it was.
  package init(
    address: PeerAddress, credentials: TransportCredentials,
    settings: TransportSettings = TransportSettings(),
    time: @escaping @Sendable () -> Int64,
    refused: @escaping @Sendable (RefusedCertificate) -> Void
  ) {
    self.address = address
    maximumFrameBytes = settings.maximumFrameBytes
    let certificate = credentials.certificate
    let check = PeerCheck(
      verifier: credentials.verifier, time: time, expected: .anyNode, refused: refused)
    var tls = HTTP2ServerTransport.Posix.TransportSecurity.TLS(
      certificateChain: certificate.chainSources, privateKey: certificate.keySource,
      clientCertificateVerification: .noHostnameVerification, trustRoots: .certificates([]),
      requireALPN: true)
    tls.customVerificationCallback = { check.answer($0, $1) }
    tls.certificateReloader = CredentialReloader(credentials: credentials)
    transport = HTTP2ServerTransport.Posix(
      address: address.socket, transportSecurity: .tls(tls),
      config: .defaults { config in
        config.http2 = settings.server
        config.connection.keepalive = settings.serverKeepalive
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { settings.watch($0) }
        config.rpc.maxRequestPayloadSize = settings.messageBytes
      })
  }

  /// The port that is bound, also when the settings said 0. Waits for `run` to bind it; throws
  /// `PeerLinkError.unreachable` when that failed or `run` has ended.
  package var port: Int {
    get async throws {
      guard let bound = try? await transport.listeningAddress,
        let port = bound.ipv4?.port ?? bound.ipv6?.port
      else {
        throw PeerLinkError.unreachable("nothing listens at \(address)")
      }
      return port
    }
  }

  /// Part of `PeerListener`: accepts until the task is cancelled. To be called once. Throws
  /// `PeerLinkError.unreachable` when the address cannot be bound.
  package func run(_ body: @escaping @Sendable (any PeerChannel) async -> Void) async throws {
    let service = PeerLinkService(maximumFrameBytes: maximumFrameBytes, body: body)
    let server = GRPCServer(transport: transport, services: [service])
    let serving = Task { try await server.serve() }
    do {
      try await withTaskCancellationHandler {
        try await serving.value
      } onCancel: {
        // First no new connections, then an end of the open ones: the library traps when it is cancelled between
        // accepting a connection and handing it on.
        server.beginGracefulShutdown()
        Task {
          try? await Task.sleep(for: .milliseconds(100))
          serving.cancel()
        }
      }
    } catch {
      if Task.isCancelled { return }
      throw PeerLinkError.unreachable(
        "cannot listen at \(address): \(PeerLinkError.words(of: error)); "
          + "see whether another program has the port")
    }
  }
}
