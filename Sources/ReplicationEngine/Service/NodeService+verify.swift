package import ReplicationCore
import Synchronization

extension NodeService {
  /// Compares this end of a link with the other, record by record where digests differ. Throws a `ComparisonError`, and what the store throws.
  ///
  /// - Parameters:
  ///   - repairs: mend what differs: both ends tell by their feeds how the record stands.
  ///   - progress: called now and then, from the comparing task.
  package func compare(
    with peer: NodeID, repairs: Bool = false,
    progress: @escaping @Sendable (LinkComparison) -> Void = { _ in }
  ) async throws -> ComparisonReport {
    guard let session = board.session(with: peer) else { throw ComparisonError.notLive(peer) }
    let report = try await session.compare(repairs: repairs, progress: progress)
    board.compared(peer, report.result, now: now())
    return report
  }

  /// Compares the link with the parent now and then. The child begins, as with dialling, so that no link is compared twice.
  func verify(_ parent: NodeID, every interval: Duration) async throws {
    try await clock.sleep(for: jittered(settings.firstVerification))
    while true {
      do {
        let report = try await compare(with: parent)
        if report.result.different > 0 { log(.linkDiffers(parent, report.result)) }
      } catch ComparisonError.notLive, ComparisonError.busy {
        // It is tried again at the next time.
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        log(.comparisonFailed(parent, "\(error)"))
      }
      try await clock.sleep(for: jittered(interval))
    }
  }

  private func jittered(_ time: Duration) -> Duration {
    time * state.withLock { Double.random(in: 0.5...1, using: &$0.random) }
  }
}
