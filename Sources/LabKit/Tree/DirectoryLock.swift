import DaemonKit
import Glibc

/// Keeps two commands from changing one lab at the same time. The system lets go of it when the process ends.
struct DirectoryLock {
  private let descriptor: Int32

  /// Waits for the lock of a directory.
  init(_ directory: String) throws {
    let path = "\(directory)/lab.lock"
    descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw OperatorError(
        .fileUnwritable, ["path": path, "reason": LocalFile.lastReason], status: .usage)
    }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  func release() { close(descriptor) }
}
