import PeerLink
import ReplicationEngine
import Synchronization

/// One direction of an in-process channel: ordered, bounded, and it can break at any frame.
final class InProcessPipe: Sendable {
  private enum Ending: Sendable {
    case inOrder
    case broken(String)
  }

  private struct State: Sendable {
    var frames: [[UInt8]] = []
    var bytes = 0
    var ending: Ending?
  }

  /// Like the window of a real connection.
  private static let capacityBytes = 256 * 1024
  private let state = Mutex(State())
  private let filled = Wakeup()
  private let emptied = Wakeup()

  /// Sends; waits while the pipe is full.
  func send(_ frame: [UInt8]) async throws {
    guard frame.count <= PeerLinkLimits.frameBytes else {
      throw PeerLinkError.frameTooLarge(bytes: frame.count)
    }
    try await push(frame)
  }

  /// As `send`, without the limit: what a hostile transport could deliver.
  func push(_ frame: [UInt8]) async throws {
    while true {
      let isDone = try state.withLock { state -> Bool in
        switch state.ending {
        case .inOrder: throw PeerLinkError.closed
        case .broken(let what): throw PeerLinkError.unreachable(what)
        case nil: break
        }
        guard state.bytes < Self.capacityBytes else { return false }
        state.frames.append(frame)
        state.bytes += frame.count
        return true
      }
      if isDone { return filled.signal() }
      try await emptied.wait()
    }
  }

  /// The next frame; nil at an orderly end, when all before it was read.
  func receive() async throws -> [UInt8]? {
    while true {
      let next = try state.withLock { state -> [UInt8]?? in
        if case .broken(let what) = state.ending { throw PeerLinkError.unreachable(what) }
        if !state.frames.isEmpty {
          let frame = state.frames.removeFirst()
          state.bytes -= frame.count
          return .some(frame)
        }
        return state.ending == nil ? nil : .some(nil)
      }
      if let next {
        emptied.signal()
        return next
      }
      try await filled.wait()
    }
  }

  /// Ends it in order: what is in it can still be read.
  func close() { end(.inOrder) }

  /// Breaks it: what is in it is lost.
  func cut(_ reason: String) { end(.broken(reason)) }

  private func end(_ ending: Ending) {
    state.withLock { state in
      if case .broken = state.ending { return }
      state.ending = ending
      if case .broken = ending { state.frames = [] }
    }
    filled.signal()
    emptied.signal()
  }
}
