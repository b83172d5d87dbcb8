package import Glibc

/// A process, told apart from a later one with the same number by its start time.
package struct ProcessIdentity: Sendable, Hashable {
  package let process: pid_t
  /// Clock ticks since boot, as the kernel says.
  package let started: UInt64

  /// The identity of a running process; nil when there is none of this number, or only its remains.
  package init?(of process: pid_t) {
    guard process > 0, let bytes = try? LocalFile.read("/proc/\(process)/stat") else { return nil }
    // The second field is the program's name in parentheses and may hold spaces and parentheses.
    guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[bytes.index(after: close)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, fields[0] != [UInt8(ascii: "Z")], fields[0] != [UInt8(ascii: "X")],
      let started = UInt64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    self.process = process
    self.started = started
  }

  /// Reads an identity that `text` wrote; nil when that process no longer runs.
  package init?(file path: String) {
    guard let text = try? LocalFile.readText(path) else { return nil }
    let parts = text.split(whereSeparator: \.isWhitespace)
    guard parts.count == 2, let process = pid_t(parts[0]), let started = UInt64(parts[1]),
      let found = ProcessIdentity(of: process), found.started == started
    else { return nil }
    self = found
  }

  /// As a line of a file.
  package var text: String { "\(process) \(started)\n" }

  /// Whether this very process still runs. Collects it first if it was a child of ours and has ended.
  package var isRunning: Bool {
    _ = waitpid(process, nil, WNOHANG)
    return ProcessIdentity(of: process) == self
  }

  /// Sends a signal, if the process still runs.
  package func send(_ signal: Int32) {
    if isRunning { kill(process, signal) }
  }

  /// Waits until the process has ended; false when `seconds` went by.
  package func waitForEnd(seconds: Double) -> Bool {
    let steps = Int(seconds / 0.02)
    for _ in 0...steps {
      if !isRunning { return true }
      usleep(20_000)
    }
    return !isRunning
  }
}
