import GRPCCore
import GRPCNIOTransportCore
import GRPCNIOTransportHTTP2Posix
import NIOPosix
import NodeIdentity
package import PeerLink
package import ReplicationCore
import Synchronization
import WireProtocol

/// Dials a node's parent over gRPC and mutual TLS.
///
/// Every channel has a connection of its own, so nothing of a broken one, and no certificate that has been renewed
/// since, is carried into the next. When to try again is the caller's decision.
package struct GRPCPeerDialer: PeerDialer {
  private let address: PeerAddress
  private let parent: NodeID
  private let credentials: TransportCredentials
  private let settings: TransportSettings
  private let time: @Sendable () -> Int64

  /// `parent` is the only node that is accepted at `address`. `time` is what certificates are judged by (microseconds
  /// since 1970, UTC), usually `TrustedTime.now`.
  package init(
    address: PeerAddress, parent: NodeID, credentials: TransportCredentials,
    settings: TransportSettings = TransportSettings(), time: @escaping @Sendable () -> Int64
  ) {
    self.address = address
    self.parent = parent
    self.credentials = credentials
    self.settings = settings
    self.time = time
  }

  /// Part of `PeerDialer`: opens a channel, runs `body`, ends the channel in order when `body` returns.
  package func connect(
    _ body: @escaping @Sendable (any PeerChannel) async throws -> Void
  ) async throws {
    let attempt = DialAttempt()
    let client = GRPCClient(transport: try transport(attempt))
    do {
      try await withThrowingTaskGroup(of: Progress.self) { group in
        group.addTask {
          try await client.runConnections()
          return .disconnected
        }
        group.addTask {
          try await exchange(over: client, attempt: attempt, body)
          return .finished
        }
        group.addTask {
          try await Task.sleep(for: settings.openTimeout)
          guard attempt.isOpen else {
            throw PeerLinkError.unreachable(
              "no answer from \(address) within \(settings.openTimeout)")
          }
          return .opened
        }
        while let progress = try await group.next(), progress != .finished {}
        client.beginGracefulShutdown()
        group.cancelAll()
      }
    } catch let error as BodyFailure {
      throw error.reason
    } catch let error where !attempt.isOpen {
      throw PeerLinkError.opening(error, address: address, attempt, own: ownFault)
    }
  }

  /// What any parent would find wrong with this node's own certificate now; nil: nothing that is known here.
  private var ownFault: IdentityError? {
    do throws(IdentityError) {
      _ = try credentials.verifier.verify(credentials.certificate.chain, for: .link, at: time())
      return nil
    } catch {
      return error
    }
  }

  private enum Progress { case disconnected, opened, finished }

  /// Runs the one call of a connection; returns when the channel has ended in order.
  private func exchange(
    over client: GRPCClient<HTTP2ClientTransport.Posix>, attempt: DialAttempt,
    _ body: @escaping @Sendable (any PeerChannel) async throws -> Void
  ) async throws {
    let (writers, writerFound) = AsyncStream.makeStream(of: RPCWriter<Huijia_V1_Frame>.self)
    let (ending, end) = AsyncStream.makeStream(of: Never.self)
    let request = StreamingClientRequest<Huijia_V1_Frame> { writer in
      writerFound.yield(writer)
      // The outgoing half stays open until the body has returned.
      for await _ in ending {}
    }
    var options = CallOptions.defaults
    options.waitForReady = false
    options.maxResponseMessageBytes = settings.messageBytes
    try await Huijia_V1_PeerLink.Client(wrapping: client).exchange(
      request: request, options: options
    ) { response in
      let contents = try response.accepted.get()
      guard let writer = await writers.first(where: { _ in true }) else {
        throw CancellationError()
      }
      attempt.opened()
      let channel = GRPCPeerChannel(
        peer: parent, maximumFrameBytes: settings.maximumFrameBytes, writer: writer,
        reader: FrameReader(client: contents.bodyParts))
      do {
        try await body(channel)
      } catch {
        throw BodyFailure(reason: error)
      }
      end.finish()
      await drain(channel)
    }
  }

  /// Waits until the parent has ended its half too, but not for long.
  private func drain(_ channel: GRPCPeerChannel) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await channel.drain() }
      group.addTask { try? await Task.sleep(for: settings.closeTimeout) }
      await group.next()
      group.cancelAll()
    }
  }

  private func transport(_ attempt: DialAttempt) throws -> HTTP2ClientTransport.Posix {
    let certificate = credentials.certificate
    let check = PeerCheck(
      verifier: credentials.verifier, time: time, expected: .only(parent),
      refused: { attempt.refused($0.reason) }, accepted: { attempt.trusted() })
    var tls = HTTP2ClientTransport.Posix.TransportSecurity.TLS(
      certificateChain: certificate.chainSources, privateKey: certificate.keySource,
      // The name in the certificate is a node's, not a host's: `PeerCheck` compares it.
      serverCertificateVerification: .noHostnameVerification, trustRoots: .certificates([]))
    tls.customVerificationCallback = { check.answer($0, $1) }
    return try HTTP2ClientTransport.Posix(
      target: address.target, transportSecurity: .tls(tls),
      config: .defaults { config in
        config.http2 = settings.client
        config.connection.keepalive = settings.clientKeepalive
        config.channelDebuggingCallbacks.onCreateTCPConnection = { settings.watch($0) }
      })
  }
}

/// An error of the caller's body, carried past the transport's own.
private struct BodyFailure: Error {
  let reason: any Error
}
