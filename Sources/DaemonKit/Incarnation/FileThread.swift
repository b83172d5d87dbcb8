import Dispatch

/// A thread of its own for a file that is written durably: that blocks, and Swift's shared threads must not.
final class FileThread: @unchecked Sendable {
  private let queue = DispatchQueue(label: "huijia.high-water", qos: .userInitiated)
  private var file: HighWaterSlots.OpenFile?

  /// Runs `body` on the thread with the file that is open there, if one is; returns when it has, or throws what it does.
  func run(_ body: @escaping @Sendable (inout HighWaterSlots.OpenFile?) throws -> Void) async throws
  {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body(&self.file) }) }
    }
  }
}
