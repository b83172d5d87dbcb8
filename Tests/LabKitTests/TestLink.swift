import Glibc
import LabKit
import Testing

/// Both ends of a link around a forwarder.
final class TestLink: Sendable {
  let forwardPort: Int
  let targetPort: Int
  private let listener: TestSocket

  init() throws {
    var ports = LoopbackPorts(seed: UInt64.random(in: 0...UInt64.max))
    let (forward, target) = (ports.take(), ports.take())
    forwardPort = try #require(forward)
    targetPort = try #require(target)
    listener = TestSocket()
    var address = Self.address(targetPort)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(bound == 0 && listen(listener.descriptor, 8) == 0)
  }

  /// Connects through the forwarder.
  func dial() throws -> TestSocket {
    let socket = TestSocket()
    var address = Self.address(forwardPort)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    return socket
  }

  /// The parent's end of the next connection.
  func accept() throws -> TestSocket {
    let descriptor = Glibc.accept(listener.descriptor, nil, nil)
    try #require(descriptor >= 0)
    return TestSocket(descriptor)
  }

  func connect() throws -> (TestSocket, TestSocket) { (try dial(), try accept()) }

  func closeListener() { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
  }
}

/// A blocking socket whose calls end after five seconds at most.
final class TestSocket: Sendable {
  let descriptor: Int32

  init(_ descriptor: Int32 = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) {
    self.descriptor = descriptor
    limit(milliseconds: 5_000)
  }

  deinit { close(descriptor) }

  func send(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// So many bytes, or those that came before the end or the limit.
  func receive(_ count: Int, milliseconds: Int = 5_000) -> String {
    limit(milliseconds: milliseconds)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < count {
      let got = read(descriptor, &buffer, min(buffer.count, count - bytes.count))
      guard got > 0 else { break }
      bytes += buffer[0..<got]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The error number that reading ends with; 0 for an orderly end, `EAGAIN` when nothing happens.
  func failure(milliseconds: Int = 5_000) -> Int32 {
    limit(milliseconds: milliseconds)
    var byte: UInt8 = 0
    let got = read(descriptor, &byte, 1)
    return got < 0 ? errno : 0
  }

  private func limit(milliseconds: Int) {
    var time = timeval(
      tv_sec: milliseconds / 1_000, tv_usec: suseconds_t(milliseconds % 1_000 * 1_000))
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
  }
}
