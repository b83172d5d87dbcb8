import Glibc
import Synchronization

/// A small TCP forwarder that can break a link as the world does: with a reset, or by silence.
final class Forwarder: Sendable {
  private struct State {
    var listening: Int32 = -1
    var sockets: [Int32] = []
    var isSilent = false
  }

  private let state = Mutex(State())

  /// Starts to forward to a port of this machine; answers with the port to dial.
  func start(to port: Int) throws -> Int {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.address(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listening, generic, size) == 0 && listen(listening, 8) == 0
          && getsockname(listening, generic, &size) == 0
      }
    }
    guard bound else { throw ForwarderError() }
    state.withLock { $0.listening = listening }
    Self.thread { self.accept(listening, port: port) }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Cuts every connection with a reset, as a killed process or a rebooted router does.
  func reset() {
    let sockets = state.withLock { state in
      defer { state.sockets = [] }
      return state.sockets
    }
    for socket in sockets {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
      shutdown(socket, Int32(SHUT_RDWR))
      close(socket)
    }
  }

  /// From now on every byte vanishes, and no end is told.
  func fallSilent() { state.withLock { $0.isSilent = true } }

  /// Lets new connections through again.
  func heal() { state.withLock { $0.isSilent = false } }

  func stop() {
    let listening = state.withLock { $0.listening }
    shutdown(listening, Int32(SHUT_RDWR))
    close(listening)
    reset()
  }

  private func accept(_ listening: Int32, port: Int) {
    while true {
      let incoming = Glibc.accept(listening, nil, nil)
      guard incoming >= 0 else { return }
      let outgoing = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = Self.address(port: port)
      let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(outgoing, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      guard connected else {
        close(incoming)
        close(outgoing)
        continue
      }
      state.withLock { $0.sockets += [incoming, outgoing] }
      Self.thread { self.pump(incoming, outgoing) }
      Self.thread { self.pump(outgoing, incoming) }
    }
  }

  private func pump(_ from: Int32, _ to: Int32) {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      if state.withLock({ $0.isSilent }) { continue }
      var sent = 0
      while sent < count {
        let written = buffer.withUnsafeBytes {
          send(to, $0.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
        }
        guard written > 0 else { return }
        sent += written
      }
    }
    if !state.withLock({ $0.isSilent }) { shutdown(to, Int32(SHUT_WR)) }
  }

  /// A thread of its own: these calls block, and the shared pools are small.
  private static func thread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
      let body: @Sendable () -> Void;
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    pthread_detach(thread)
  }

  private static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}

struct ForwarderError: Error {}
