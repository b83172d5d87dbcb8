import Glibc

/// Free TCP ports on loopback, from below the range that the system gives to outgoing connections.
package struct LoopbackPorts {
  private var next: Int
  private static let range = 20_000..<32_000

  /// Starts at a place that differs between labs, so that those made at the same time do not meet.
  package init(seed: UInt64) { next = Self.range.lowerBound + Int(seed % UInt64(Self.range.count)) }

  /// The next port that nobody listens on; nil when there is none left.
  package mutating func take() -> Int? {
    for _ in Self.range {
      next = next + 1 == Self.range.upperBound ? Self.range.lowerBound : next + 1
      if Self.isFree(next) { return next }
    }
    return nil
  }

  /// Whether a port can be bound now.
  package static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
