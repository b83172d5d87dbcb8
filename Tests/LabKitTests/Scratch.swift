import DaemonKit
import Glibc
import Testing

/// A directory of a test's own, removed when the test ends. Every user of the machine can reach it.
final class Scratch: Sendable {
  let directory: String

  init() throws {
    directory = "/tmp/huijia-test-\(UInt32.random(in: 0...UInt32.max))"
    try LocalFile.makeDirectory(directory)
  }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  deinit { _ = try? Program("/bin/rm", ["-rf", "--", directory]).run() }
}
