import ControlAPI
import Dispatch
import Glibc
import Logging
import PeerTransport
import PostgresStore
import ReplicationEngine
import ServiceLifecycle

/// The daemon as one service: links, sealing and the control socket together.
///
/// Returning means drained. Throwing means a part failed and the process must end.
struct DaemonService: Service {
  let parts: DaemonParts
  let log: Logger

  /// Part of `Service`: runs until a graceful shutdown.
  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          try await parts.service.run(localWrites: parts.localWrites.writes())
          return true
        }
        group.addTask {
          try await parts.control.run()
          return false
        }
        group.addTask {
          await reloads()
          return false
        }
        if let endedRules = parts.endedRules {
          group.addTask {
            await endedRules.run()
            return false
          }
        }
        ServiceManager.notify("READY=1")
        while let isDrained = try await group.next() {
          if isDrained { break }
        }
        group.cancelAll()
      }
    } onGracefulShutdown: {
      ServiceManager.notify("STOPPING=1")
      parts.service.shutdown()
    }
  }

  /// SIGHUP: takes renewed certificates; the next handshake shows them.
  private func reloads() async {
    let (signals, continuation) = AsyncStream<Void>.makeStream()
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler { continuation.yield() }
    source.resume()
    defer { source.cancel() }
    for await _ in signals {
      do {
        try parts.credentials.reload()
        log.notice("certificates reloaded")
      } catch {
        log.error("certificates not reloaded", metadata: ["reason": "\(error)"])
      }
    }
  }
}
