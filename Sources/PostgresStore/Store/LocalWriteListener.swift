internal import Dispatch
internal import Synchronization

/// Tells when applications have committed writes: `LISTEN` on a connection of its own.
package final class LocalWriteListener: Sendable {
  private let conninfo: String

  package init(conninfo: String) { self.conninfo = conninfo }

  /// One element after every commit that wrote into a ledger; several commits may come as one.
  ///
  /// Ends when the task that reads it is cancelled. A lost connection is made anew, and counts as a write: something may have been missed.
  package func writes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let queue = DispatchQueue(label: "huijia.store.listener")
    let watch = Watch(conninfo: conninfo, queue: queue) { continuation.yield() }
    continuation.onTermination = { _ in queue.async { watch.stop() } }
    queue.async { watch.start() }
    return stream
  }
}

/// The listening connection with its readiness source; confined to its queue.
private final class Watch: @unchecked Sendable {
  private let conninfo: String
  private let queue: DispatchQueue
  private let onWrite: @Sendable () -> Void
  private var connection: Connection?
  private var source: (any DispatchSourceRead)?
  private var isStopped = false

  init(conninfo: String, queue: DispatchQueue, onWrite: @escaping @Sendable () -> Void) {
    self.conninfo = conninfo
    self.queue = queue
    self.onWrite = onWrite
  }

  func start() {
    guard !isStopped else { return }
    do {
      let connection = try Connection(conninfo)
      try connection.execute("LISTEN huijia_outbox")
      self.connection = connection
      let source = DispatchSource.makeReadSource(fileDescriptor: connection.socket, queue: queue)
      source.setEventHandler { [weak self] in self?.ready() }
      // The descriptor must outlive the source.
      source.setCancelHandler { [connection] in withExtendedLifetime(connection) {} }
      self.source = source
      source.resume()
      onWrite()
    } catch {
      retry()
    }
  }

  func stop() {
    isStopped = true
    source?.cancel()
    source = nil
    connection = nil
  }

  private func ready() {
    do {
      if let taken = try connection?.takeNotifications(), !taken.isEmpty { onWrite() }
    } catch {
      source?.cancel()
      source = nil
      connection = nil
      retry()
    }
  }

  private func retry() {
    queue.asyncAfter(deadline: .now() + 1) { self.start() }
  }
}
