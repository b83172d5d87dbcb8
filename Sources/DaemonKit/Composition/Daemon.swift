import ControlAPI
import Glibc
import Governance
import Logging
import NodeIdentity
import PeerLink
import PeerTransport
import PostgresStore
import ReplicationCore
import ReplicationEngine
import ServiceLifecycle
import SignedFeed
import UnixSignals

/// A node's daemon: puts the parts together, runs them, and takes them down in order.
package enum Daemon {
  /// Runs until SIGTERM or SIGINT, then drains and returns. Throws when the node cannot start: settings, certificates, database.
  package static func run(_ settings: NodeSettings) async throws {
    let log = logger(settings)
    let database = try DaemonDatabase(settings)
    defer { database.stop() }
    let parts = try await DaemonParts(settings, database, log)
    let service = DaemonService(parts: parts, log: log)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    log.notice("started", metadata: ["node": "\(settings.node)"])
    if LabClock.offset != 0 {
      log.warning(
        "the clock is shifted by a lab's setting",
        metadata: ["variable": "\(LabClock.variable)", "microseconds": "\(LabClock.offset)"])
    }
    if let folder = LabFrames.folder {
      log.warning(
        "every frame is kept with the values in it by a lab's setting",
        metadata: ["variable": "\(LabFrames.variable)", "folder": "\(folder)"])
    }
    try await group.run()
    log.notice("stopped", metadata: ["node": "\(settings.node)"])
  }

  private static func logger(_ settings: NodeSettings) -> Logger {
    var log = Logger(label: "huijiad", factory: { StreamLogHandler.standardError(label: $0) })
    log.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
    log[metadataKey: "node"] = "\(settings.node)"
    return log
  }
}

/// Microseconds since 1970 UTC by this machine's clock.
func wallClock() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000 + LabClock.offset
}
