import DaemonKit
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM as a flag, so that a command can tidy up before it ends.
package enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether somebody asked this process to end.
  package static var happened: Bool { flag.load(ordering: .relaxed) }

  /// From now on the first signal sets the flag; a second one ends the process at once.
  package static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if Interruption.flag.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      }
    }
  }

  /// Throws when somebody asked this process to end.
  package static func check(_ directory: String) throws {
    guard happened else { return }
    throw OperatorError(.labInterrupted, ["path": directory], status: .checkFailed)
  }
}
