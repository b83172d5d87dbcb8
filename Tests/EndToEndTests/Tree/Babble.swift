import Glibc

/// A client that speaks neither TLS nor HTTP/2.
enum Babble {
  /// Connects to a port on loopback and sends bytes. Returns the connection; -1 when there was none.
  static func send(_ bytes: [UInt8], to port: Int) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else {
      close(descriptor)
      return -1
    }
    _ = Glibc.send(
      descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    return descriptor
  }

  /// What a scanner, a browser, a broken TLS client and an HTTP/2 client without TLS would send.
  static let samples: [[UInt8]] = [
    [],
    [0],
    Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [UInt8](repeating: 0, count: 100),
    // A TLS record that says it is a handshake of 16 KB, and is not.
    [0x16, 0x03, 0x01, 0x40, 0x00] + (0..<16_384).map { UInt8(truncatingIfNeeded: $0 &* 31) },
    [0x16, 0x03, 0x03, 0xFF, 0xFF, 0x01],
    (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 13) },
  ]
}
