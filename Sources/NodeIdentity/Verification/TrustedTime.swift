import Synchronization

/// The least that a machine knows about the present, for judging certificates.
///
/// A computer whose clock battery is dead wakes up years ago. Time is then the latest of what its clock says, when
/// the program was built, and the last time heard from an authenticated peer.
package final class TrustedTime: Sendable {
  private let system: @Sendable () -> Int64
  private let latest: Mutex<Int64>

  /// All times are microseconds since 1970, UTC. `lastHeard` is what an earlier run had heard, 0 if nothing.
  package init(
    system: @escaping @Sendable () -> Int64, built: Int64, lastHeard: Int64 = 0
  ) {
    self.system = system
    latest = Mutex(max(built, lastHeard))
  }

  /// The time to judge by.
  package func now() -> Int64 {
    let system = system()
    return latest.withLock { max($0, system) }
  }

  /// Takes note of a peer's time. Call it only with what an authenticated parent said.
  package func heard(_ time: Int64) {
    latest.withLock { $0 = max($0, time) }
  }
}
