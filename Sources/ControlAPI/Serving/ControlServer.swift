import GRPCCore
import GRPCNIOTransportCore
import GRPCNIOTransportHTTP2Posix
import Glibc

/// The daemon's end of the control socket.
package final class ControlServer: Sendable {
  private let path: String
  private let server: GRPCServer<HTTP2ServerTransport.Posix>

  /// Binds the socket at `socketPath` with mode 0600, in place of one that nobody serves any more.
  ///
  /// Throws `ControlFailure`: exit status 2 for a path that is too long (107 bytes) or cannot be made, 3 when another
  /// daemon answers there. To be followed by `run()`.
  package init(socketPath: String, handler: any ControlHandler) throws(ControlFailure) {
    path = socketPath
    let descriptor = try ControlSocket.listen(at: socketPath)
    let transport = HTTP2ServerTransport.Posix(
      listeningSocketDescriptor: Int(descriptor), transportSecurity: .plaintext,
      config: .defaults { config in
        config.rpc.maxRequestPayloadSize = ControlLimits.requestBytes
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { CallerStamp.add(to: $0) }
      })
    server = GRPCServer(transport: transport, services: [ControlService(handler: handler)])
  }

  /// Serves until the task is cancelled, then removes the socket. To be called once.
  package func run() async throws {
    defer { unlink(path) }
    let server = self.server
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
      throw error
    }
  }
}
