import DaemonKit
import Glibc

/// A bar on standard error, drawn only when that is a screen.
package struct ProgressBar {
  private let title: String
  private let total: Int
  private let isScreen = isatty(2) == 1
  private let began = ContinuousClock().now
  private var shown = -1

  /// Starts a bar for `total` rows.
  package init(_ title: String, total: Int) {
    self.title = title
    self.total = max(1, total)
  }

  /// Draws `done` rows; at most once per percent.
  package mutating func show(_ done: Int) {
    let percent = min(100, done * 100 / total)
    guard isScreen, percent != shown else { return }
    shown = percent
    let filled = String(repeating: "█", count: percent * 30 / 100)
    let empty = String(repeating: "░", count: 30 - percent * 30 / 100)
    let seconds = ContinuousClock().now - began
    let rate = Double(done) / max(0.001, seconds / .seconds(1))
    let line = "\r\(title) \(filled)\(empty) \(percent) %  \(done)/\(total)  \(Int(rate))/s "
    let bytes = Array((line + (done >= total ? "\n" : "")).utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
